package atlas.cli;

import atlas.core.Role;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Removes entries that need not be kept any longer; without a server's configuration none do. */
@Command(
        name = "retain",
        description = {
            "Remove the entries that are older than `journal.retention` keeps.",
            "The act is recorded; hashes, checkpoints and proofs stay. Refused under a legal hold."
        },
        footer = "%nExample:%n  atlas journal retain --older-than 500d --yes")
final class JournalRetain extends AtlasCommand {
    private static final String PATH = "/api/v1/journal/retention";

    @Option(
            names = "--older-than",
            paramLabel = "D",
            description = "such as 500d; no less than `journal.retention`, which is the default")
    private @Nullable String olderThan;

    @Option(names = "--show", description = "only say how long entries are kept")
    private boolean show;

    @Override
    public Integer call() {
        if (show) {
            terminal().object(Remote.control(shared(), Role.AUDITOR).read(PATH));
            return Main.YES;
        }
        confirm("Entries that are removed cannot be read again.");
        ObjectNode request = Remote.object();
        if (olderThan != null) {
            request.put("older_than", olderThan);
        }
        terminal().object(Remote.control(shared(), Role.SECURITY_ADMIN).post(PATH, request));
        return Main.YES;
    }
}
