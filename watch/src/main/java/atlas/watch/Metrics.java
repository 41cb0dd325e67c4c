package atlas.watch;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The numbers of one process, in OpenMetrics text.
 *
 * <p>Labels hold operations, codes, models and reasons: few values, each label bounded, whatever
 * comes after the bound counted as {@code other}. No label names a principal, a key or an address.
 * Counting costs some tens of nanoseconds and takes no lock; take a {@link Route} once per
 * operation rather than per request. Thread-safe.
 */
public final class Metrics {
    /** The content type of {@link #openMetrics}. */
    public static final String CONTENT_TYPE = OpenMetricsTextFormatWriter.CONTENT_TYPE;

    private static final double[] LATENCY = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120
    };
    private static final double[] APPEND = {
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1
    };

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final OpenMetricsTextFormatWriter writer = OpenMetricsTextFormatWriter.create();
    private final Labels operations = new Labels(32);
    private final Labels codes = new Labels(64);
    private final Labels models = new Labels(100);
    private final Labels reasons = new Labels(64);
    private final ConcurrentHashMap<String, Route> routes = new ConcurrentHashMap<>();

    private final Counter requests =
            counter("atlas_requests", "Requests answered", "operation", "code");
    private final Counter tokens =
            counter("atlas_tokens", "Tokens of served inferences", "direction", "model");
    private final Counter refusals =
            counter("atlas_refusals", "Requests refused before a principal was known", "reason");
    private final Counter guard =
            counter("atlas_guard_inspections", "Texts inspected", "direction", "verdict");
    private final Counter alerts = counter("atlas_alerts", "Alerts raised", "rule");
    private final Histogram duration =
            histogram(
                    "atlas_request_duration_seconds",
                    "From the complete request to the last byte of the answer",
                    LATENCY,
                    "operation");
    private final Histogram first =
            histogram(
                    "atlas_time_to_first_seconds",
                    "From the complete request to the first byte of the answer",
                    LATENCY,
                    "operation");
    private final Histogram append =
            histogram(
                    "atlas_journal_append_seconds",
                    "From a fact submitted to the fact durable",
                    APPEND);

    /** Empty, but for the process's own numbers. */
    public Metrics() {
        ProcessMetrics.register(registry);
    }

    /** The counters of one operation, looked up once. */
    public final class Route {
        private final String operation;
        private final DistributionDataPoint took;
        private final DistributionDataPoint toFirst;
        private final ConcurrentHashMap<String, CounterDataPoint> byCode =
                new ConcurrentHashMap<>();

        private Route(String operation) {
            this.operation = operation;
            this.took = duration.labelValues(operation);
            this.toFirst = first.labelValues(operation);
        }

        /** A request was answered; the code is {@code ok} or the contract's error code. */
        public void answered(String code, Duration since) {
            CounterDataPoint known = byCode.get(code);
            if (known == null) {
                String label = codes.bounded(code);
                known = requests.labelValues(operation, label);
                if (label.equals(code)) {
                    byCode.put(code, known);
                }
            }
            known.inc();
            took.observe(seconds(since));
        }

        /** The first byte of an answer left. */
        public void first(Duration since) {
            toFirst.observe(seconds(since));
        }
    }

    /** The counters of an operation such as {@code chat} or {@code embeddings}. */
    public Route route(String operation) {
        String label = operations.bounded(operation);
        return routes.computeIfAbsent(label, Route::new);
    }

    /** Tokens that went into a model and came out of it. */
    public void tokens(String model, long input, long output) {
        String label = models.bounded(model);
        tokens.labelValues("input", label).inc(Math.max(0, input));
        tokens.labelValues("output", label).inc(Math.max(0, output));
    }

    /** A request was refused before anybody was known. */
    public void refused(String reason) {
        refusals.labelValues(reasons.bounded(reason)).inc();
    }

    /** A text was inspected: {@code input} or {@code output}; {@code clean}, {@code blocked}. */
    public void inspected(String direction, String verdict) {
        guard.labelValues(reasons.bounded(direction), reasons.bounded(verdict)).inc();
    }

    /** A fact became durable. */
    public void appended(Duration since) {
        append.observe(seconds(since));
    }

    void alertRaised(String rule) {
        alerts.labelValues(rule).inc();
    }

    /** A number read when scraped; the supplier must be cheap and must not block. */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(point -> point.call(value.getAsDouble()))
                .register(registry);
    }

    /**
     * Numbers read when scraped, by the value of a label that configuration bounds; the supplier
     * must be cheap and must not block.
     */
    public void gauge(
            String name, String help, String label, Supplier<Map<String, Double>> values) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(point -> values.get().forEach((of, value) -> point.call(value, of)))
                .register(registry);
    }

    /** A number that only grows, kept elsewhere and read when scraped. */
    public void counter(String name, String help, DoubleSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(point -> point.call(value.getAsDouble()))
                .register(registry);
    }

    /** Everything, as OpenMetrics 1.0 text. */
    public String openMetrics() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
        try {
            writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException("writing metrics to memory", e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private Histogram histogram(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(bounds)
                .withoutExemplars()
                .register(registry);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
