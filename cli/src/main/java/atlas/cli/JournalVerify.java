package atlas.cli;

import atlas.journal.JournalVerifier;
import atlas.journal.Verification;
import atlas.tlog.MalformedException;
import atlas.tlog.WitnessPolicy;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks a journal directory, or a copy of one, without a server and without any secret. */
@Command(
        name = "verify",
        description =
                "Check that nothing in the journal was changed, removed or moved. Works offline.",
        footer =
                "%nExample:%n  atlas journal verify --dir ./copy-of-journal --public-key"
                        + " verifier.vkey")
final class JournalVerify extends AtlasCommand {
    @Option(
            names = "--dir",
            paramLabel = "D",
            description = "the journal directory (default: journal in the home)")
    private @Nullable Path directory;

    @Option(
            names = "--public-key",
            paramLabel = "VKEY",
            description =
                    "the verifier key you trust, as text or in a file (default: verifier.vkey"
                            + " beside the journal, which proves consistency, not origin)")
    private @Nullable String key;

    @Option(
            names = "--second-key",
            paramLabel = "VKEY",
            description =
                    "the ML-DSA-44 verifier key that must have signed the checkpoint as well, as"
                            + " text or in a file (default: the one in the directory, when it or an"
                            + " entry demands it)")
    private @Nullable String secondKey;

    @Option(
            names = "--any-log",
            description =
                    "the directory is a C2SP tlog-tiles log that Atlas did not write; needs"
                            + " --public-key")
    private boolean anyLog;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "a C2SP tlog-policy: also demand that its quorum of witnesses cosigned this"
                            + " very tree")
    private @Nullable Path policy;

    @Override
    public Integer call() {
        Path where = directory != null ? directory : shared().home().resolve("journal");
        if (!Files.isDirectory(where)) {
            throw Stop.unknown("there is no journal in " + where);
        }
        ObjectNode report = Remote.object();
        int status =
                switch (verified(where)) {
                    case Verification.Holds holds -> {
                        report.put("verdict", "holds");
                        report.put("size", holds.size());
                        report.put("origin", holds.origin());
                        report.put("root", holds.root().hex());
                        ArrayNode notes = report.putArray("notes");
                        holds.notes().forEach(notes::add);
                        yield Main.YES;
                    }
                    case Verification.Broken broken -> {
                        report.put("verdict", "broken");
                        if (broken.index() >= 0) {
                            report.put("index", broken.index());
                        }
                        report.put("what", broken.what());
                        report.put("where", broken.where());
                        yield Main.NO;
                    }
                    case Verification.Unreadable unreadable -> {
                        report.put("verdict", "unreadable");
                        report.put("what", unreadable.why());
                        yield Main.UNKNOWN;
                    }
                };
        terminal().object(report);
        return status;
    }

    private Verification verified(Path where) {
        if (!anyLog) {
            return JournalVerifier.verify(
                    where,
                    vkey(key),
                    vkey(secondKey),
                    policy(),
                    Runtime.getRuntime().availableProcessors());
        }
        if (secondKey != null) {
            throw Stop.usage(
                    "--any-log checks one key: give the second one as --public-key in a run of its"
                            + " own");
        }
        return JournalVerifier.verifyAnyLog(
                where,
                vkey(key)
                        .orElseThrow(() ->
                                Stop.usage(
                                        "--any-log needs --public-key: nothing in such a"
                                                + " directory says whose it is")),
                policy());
    }

    private Optional<WitnessPolicy> policy() {
        Path file = policy;
        if (file == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(WitnessPolicy.parse(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw Stop.unknown("cannot read the policy: " + e.getMessage());
        } catch (MalformedException e) {
            throw Stop.usage("`" + file + "`, " + e.getMessage());
        }
    }

    private static Optional<String> vkey(@Nullable String given) {
        if (given == null) {
            return Optional.empty();
        }
        try {
            Path file = Path.of(given);
            return Optional.of(Files.isRegularFile(file) ? Files.readString(file).strip() : given);
        } catch (IOException e) {
            throw Stop.unknown("cannot read the verifier key: " + e.getMessage());
        } catch (java.nio.file.InvalidPathException e) {
            return Optional.of(given);
        }
    }
}
