package atlas.cli;

import atlas.control.ControlProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** Nobody is told that an installation is ready whose required phases are not proven. */
final class PostureGate {
    private PostureGate() {}

    /**
     * Measures, when the configuration asks for it.
     *
     * @throws Stop naming the tasks that are not proven
     */
    static void pass(Settings settings, ControlProcess control) {
        PostureSettings wanted =
                settings.section("posture", PostureSettings.class, PostureSettings.defaults());
        if (wanted.requiredPhase() == 0) {
            return;
        }
        Optional<String> rollout =
                wanted.rollout()
                        .map(file -> {
                            try {
                                return Files.readString(file);
                            } catch (IOException e) {
                                throw Stop.usage(
                                        "`posture.rollout`: `%s` cannot be read: %s"
                                                .formatted(file, e.getMessage()));
                            }
                        });
        List<String> missing;
        try {
            missing = control.unproven(rollout, wanted.requiredPhase());
        } catch (IllegalArgumentException e) {
            throw Stop.usage("`posture.rollout`: " + e.getMessage());
        }
        if (!missing.isEmpty()) {
            throw Stop.no(
                    "not serving: `posture.required-phase` is %d, and not proven %s: %s"
                            .formatted(
                                    wanted.requiredPhase(),
                                    missing.size() == 1 ? "is" : "are",
                                    String.join("; ", missing)));
        }
    }
}
