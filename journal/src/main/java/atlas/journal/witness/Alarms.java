package atlas.journal.witness;

import atlas.core.AuditEvent.AlertRaised;
import atlas.core.crypto.Hashes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says each thing that is wrong once, until it is over and wrong again. One thread uses it. */
final class Alarms {
    private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);

    private final Consumer<AlertRaised> told;
    private final Map<String, String> standing = new HashMap<>();

    Alarms(Consumer<AlertRaised> told) {
        this.told = told;
    }

    /**
     * Raises an alarm, unless this one stands.
     *
     * @param what what it is about; the same for as long as it is the same trouble
     */
    void raise(String what, String rule, String severity, String explanation) {
        if (standing.putIfAbsent(what, rule) != null) {
            return;
        }
        LOG.atError().addKeyValue("rule", rule).addKeyValue("why", explanation).log("alarm");
        told.accept(
                new AlertRaised(
                        "alr_" + Hashes.sha256(UUID.randomUUID().toString()).hex().substring(0, 20),
                        rule,
                        severity,
                        "atlas:witnessing",
                        explanation,
                        List.of()));
    }

    /** The trouble is over. */
    void clear(String what) {
        String rule = standing.remove(what);
        if (rule != null) {
            LOG.atInfo().addKeyValue("rule", rule).addKeyValue("about", what).log("alarm over");
        }
    }
}
