package atlas.control.posture;

import atlas.core.AuditEvent.AlertRaised;
import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Behaves like a stolen credential that tries what it may not do, and waits for the alert. */
final class AnomalyCheck implements Check {
    /** More refusals in a row than anybody has by mistake. */
    private static final int MOST_ATTEMPTS = 200;

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Facing facing;
    private final Alarms alarms;

    AnomalyCheck(Facing facing, Alarms alarms) {
        this.facing = facing;
        this.alarms = alarms;
    }

    @Override
    public Control control() {
        return Control.ANOMALY;
    }

    @Override
    public Measurement measure(Drill drill) throws IOException, InterruptedException {
        List<Observation> seen = new ArrayList<>();
        try (Alarms.Awaited awaited = alarms.about(drill.stray())) {
            int attempts = 0;
            while (attempts < MOST_ATTEMPTS && awaited.now().isEmpty()) {
                attempts++;
                int status = drill.stray(facing.control(), "GET", "/api/v1/keys").status();
                if (status != 403 && status != 429) {
                    seen.add(Observation.bad("a consumer who asks for keys is answered " + status));
                    break;
                }
            }
            AlertRaised alert = awaited.within(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            seen.add(
                    alert == null
                            ? Observation.bad(
                                    "%d attempts raised no alert within %d s"
                                            .formatted(attempts, PATIENCE.toSeconds()))
                            : Observation.good(
                                    "%d attempts raised the alert `%s`"
                                            .formatted(attempts, alert.rule())));
        }
        return Measurement.of(control(), "a planted anomaly", seen);
    }
}
