package atlas.watch;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** What is asked of every process: age, processor time, memory. Names as Prometheus has them. */
final class ProcessMetrics {
    private ProcessMetrics() {}

    static void register(PrometheusRegistry registry) {
        ProcessHandle process = ProcessHandle.current();
        process.info()
                .startInstant()
                .ifPresent(start ->
                        GaugeWithCallback.builder()
                                .name("process_start_time_seconds")
                                .help("When the process started, since 1970")
                                .callback(point -> point.call(start.toEpochMilli() / 1e3))
                                .register(registry));
        CounterWithCallback.builder()
                .name("process_cpu_seconds")
                .help("Processor time used, user and system")
                .callback(point ->
                        process.info()
                                .totalCpuDuration()
                                .map(Duration::toNanos)
                                .ifPresent(nanos -> point.call(nanos / 1e9)))
                .register(registry);
        Runtime runtime = Runtime.getRuntime();
        GaugeWithCallback.builder()
                .name("jvm_memory_used_bytes")
                .help("Heap in use")
                .callback(point -> point.call(runtime.totalMemory() - runtime.freeMemory()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("jvm_memory_max_bytes")
                .help("Heap the process may use")
                .callback(point -> point.call(runtime.maxMemory()))
                .register(registry);
    }
}
