package atlas.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void countsWhatItIsTold() {
        Metrics.Route chat = metrics.route("chat");
        chat.answered("ok", Duration.ofMillis(20));
        chat.answered("ok", Duration.ofMillis(200));
        chat.answered("forbidden", Duration.ofMillis(1));
        chat.first(Duration.ofMillis(9));
        metrics.tokens("tiny", 12, 30);
        metrics.refused("key_unknown");
        metrics.inspected("input", "blocked");
        metrics.appended(Duration.ofNanos(700_000));
        metrics.alertRaised("denied_burst");
        metrics.gauge("atlas_edge_connections", "Open connections", () -> 7);
        metrics.counter("atlas_edge_refused_connections", "Refused", () -> 3);
        assertThat(metrics.openMetrics())
                .contains(
                        "atlas_requests_total{code=\"ok\",operation=\"chat\"} 2.0",
                        "atlas_requests_total{code=\"forbidden\",operation=\"chat\"} 1.0",
                        "atlas_request_duration_seconds_bucket{operation=\"chat\",le=\"0.025\"} 2",
                        "atlas_request_duration_seconds_count{operation=\"chat\"} 3",
                        "atlas_time_to_first_seconds_count{operation=\"chat\"} 1",
                        "atlas_tokens_total{direction=\"input\",model=\"tiny\"} 12.0",
                        "atlas_tokens_total{direction=\"output\",model=\"tiny\"} 30.0",
                        "atlas_refusals_total{reason=\"key_unknown\"} 1.0",
                        "atlas_guard_inspections_total"
                                + "{direction=\"input\",verdict=\"blocked\"} 1.0",
                        "atlas_journal_append_seconds_bucket{le=\"0.001\"} 1",
                        "atlas_alerts_total{rule=\"denied_burst\"} 1.0",
                        "atlas_edge_connections 7.0",
                        "atlas_edge_refused_connections_total 3.0",
                        "process_start_time_seconds",
                        "process_cpu_seconds_total",
                        "jvm_memory_used_bytes")
                .endsWith("# EOF\n");
    }

    @Test
    void labelsStayFewWhateverComes() {
        for (int i = 0; i < 10_000; i++) {
            Metrics.Route route = metrics.route("op" + i);
            route.answered("code" + i, Duration.ofMillis(1));
            metrics.tokens("model" + i, 1, 1);
            metrics.refused("reason" + i);
            metrics.inspected("d" + i, "v" + i);
        }
        String text = metrics.openMetrics();
        assertThat(text).contains("operation=\"other\"", "model=\"other\"", "reason=\"other\"");
        assertThat(text.lines().count()).isLessThan(3_000);
    }

    @Test
    void everyLineIsOpenMetrics() {
        metrics.route("odd \"name\"\n\\").answered("ok", Duration.ofMillis(1));
        String name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
        String label = "[a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\\\n]|\\\\[\"\\\\n])*\"";
        String sample =
                name + "(\\{" + label + "(," + label + ")*})? [-+0-9.eEInfNa]+( [-+0-9.eE]+)?";
        assertThat(metrics.openMetrics().lines())
                .allMatch(line ->
                        line.matches(sample)
                                || line.matches("# (TYPE|HELP|UNIT) " + name + " .*")
                                || line.equals("# EOF"));
    }

    @Test
    void losesNoCountAmongThreads() throws Exception {
        Metrics.Route chat = metrics.route("chat");
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    start.await();
                                } catch (InterruptedException e) {
                                    return;
                                }
                                for (int i = 0; i < 5_000; i++) {
                                    chat.answered("ok", Duration.ofMillis(1));
                                }
                            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(metrics.openMetrics())
                .contains("atlas_requests_total{code=\"ok\",operation=\"chat\"} 40000.0");
    }

    @Test
    void aGaugeIsReadWhenScraped() {
        double[] value = {1};
        metrics.gauge("atlas_test_gauge", "For the test", () -> value[0]);
        value[0] = 5;
        assertThat(metrics.openMetrics()).contains("atlas_test_gauge 5.0");
        assertThatThrownBy(() -> metrics.gauge("atlas_test_gauge", "Again", () -> 0))
                .isInstanceOf(IllegalStateException.class);
    }
}
