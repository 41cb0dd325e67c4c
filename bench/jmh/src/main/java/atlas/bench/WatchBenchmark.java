package atlas.bench;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.AuditEvent.InferenceParameters;
import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.watch.Watch;
import atlas.watch.WatchConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One served inference, its intent and its outcome, through every detector. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class WatchBenchmark {
    private static final Digest ZERO = Digest.of(new byte[32]);
    private static final ModelIdentity MODEL =
            new ModelIdentity(new ModelRef("tiny", 1), ZERO, "signer");
    private static final Content TEXT = new Content("digest", 600, ZERO, Optional.empty());
    private static final GuardReport CLEAN =
            new GuardReport("scanned", 600, 600, List.of("linear 1"), 0.1, List.of());
    private static final InferenceParameters PLAIN =
            new InferenceParameters(
                    false, Optional.empty(), Optional.empty(), Optional.empty(), List.of());

    @Param({"100", "10000"})
    public int principals;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Instant start = Instant.parse("2026-03-01T00:00:00Z");
    private Actor[] actors = {};
    private Watch watch;
    private long index;

    @Setup
    public void open() {
        watch = new Watch(WatchConfig.defaults(), Clock.fixed(start, ZoneOffset.UTC), _ -> {});
        actors = new Actor[principals];
        for (int i = 0; i < principals; i++) {
            actors[i] =
                    new Actor(
                            "principal-" + i,
                            Principal.DEFAULT_TENANT,
                            "api_key",
                            "key-" + i,
                            "10." + i / 250 + "." + i % 250 + ".7");
        }
        for (int i = 0; i < 40 * principals; i++) {
            inference();
        }
    }

    @Benchmark
    public void inference() {
        Actor actor = actors[random.nextInt(principals)];
        Instant now = start.plusMillis(30 * index);
        long intent = index++;
        AuditEvent begun =
                new InferenceIntent("req", actor, "chat", MODEL, "p", PLAIN, CLEAN, TEXT);
        watch.observe(intent, begun, now);
        watch.observe(
                index++,
                new InferenceOutcome(
                        "req",
                        actor,
                        intent,
                        MODEL,
                        "node",
                        "ok",
                        List.of("stop"),
                        List.of(),
                        100 + random.nextInt(100),
                        200 + random.nextInt(400),
                        Duration.ofMillis(5),
                        Duration.ofMillis(50),
                        CLEAN,
                        TEXT,
                        ""),
                now);
    }
}
