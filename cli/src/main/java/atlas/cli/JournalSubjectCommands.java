package atlas.cli;

import atlas.cli.Terminal.Column;
import atlas.core.Role;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whom the journal is about: erasing a subject, and legal holds against it. */
final class JournalSubjectCommands {
    private static final String HOLDS = "/api/v1/journal/holds";

    private JournalSubjectCommands() {}

    /** What all of them take. */
    abstract static class OfSubject extends AtlasCommand {
        @Option(
                names = "--subject",
                required = true,
                paramLabel = "S",
                description = "the principal, exactly as entries name it")
        private String subject = "";

        @Option(names = "--tenant", paramLabel = "T", description = "its tenant, if not `default`")
        private @Nullable String tenant;

        final String subject() {
            return subject;
        }

        final ObjectNode body() {
            ObjectNode body = Remote.object();
            body.put("subject", subject);
            if (tenant != null) {
                body.put("tenant", tenant);
            }
            return body;
        }

        final int post(String path, ObjectNode body) {
            terminal().object(Remote.control(shared(), Role.SECURITY_ADMIN).post(path, body));
            return Main.YES;
        }
    }

    @Command(
            name = "shred",
            description =
                    "Destroy the keys of a subject's entries. They stay in the log, provable, and"
                            + " nobody can read them any more.",
            footer =
                    "%nExample:%n  atlas journal shred --subject alice --reason \"erasure request"
                            + " 2026-118\"")
    static final class Shred extends OfSubject {
        @Option(
                names = "--reason",
                required = true,
                paramLabel = "R",
                description = "on what ground; it is kept, so it must not name the subject")
        private String reason = "";

        @Override
        public Integer call() {
            confirm(
                    "This erases every entry about `"
                            + subject()
                            + "` for good; backups of the keys bring nothing back.");
            ObjectNode body = body();
            body.put("confirm", subject());
            body.put("reason", reason);
            return post("/api/v1/journal/erasures", body);
        }
    }

    @Command(name = "hold", description = "Keep a subject's entries from being erased.")
    static final class Hold extends OfSubject {
        @Option(
                names = "--reason",
                required = true,
                paramLabel = "R",
                description = "why; told to whoever tries to erase")
        private String reason = "";

        @Override
        public Integer call() {
            ObjectNode body = body();
            body.put("reason", reason);
            return post(HOLDS, body);
        }
    }

    @Command(name = "release", description = "Lift a hold.")
    static final class Release extends OfSubject {
        @Override
        public Integer call() {
            return post(HOLDS + "/release", body());
        }
    }

    @Command(name = "holds", description = "Subjects whose entries must be kept.")
    static final class Holds extends AtlasCommand {
        @Override
        public Integer call() {
            terminal()
                    .rows(
                            Remote.control(shared(), Role.SECURITY_ADMIN).read(HOLDS).path("holds"),
                            List.of(
                                    Column.field("SUBJECT", "subject"),
                                    Column.field("TENANT", "tenant"),
                                    Column.field("SINCE", "since"),
                                    Column.field("REASON", "reason")));
            return Main.YES;
        }
    }
}
