package atlas.control.posture;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.journal.Journal;
import atlas.journal.JournalEntry;
import atlas.journal.JournalVerifier;
import atlas.journal.ProofVerification;
import atlas.journal.ProofVerifier;
import atlas.journal.Verification;
import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Records something, proves it to a verifier that has only the log's key, and tampers with copies:
 * both the proof and the log must be found out.
 */
final class JournalCheck implements Check {
    /** A log up to this size is copied whole and tampered with; of a bigger one a single entry. */
    private static final long MOST_COPIED = 64L << 20;

    private static final int LOOKS = 5;

    @Override
    public Control control() {
        return Control.JOURNAL;
    }

    @Override
    public Measurement measure(Drill drill) throws IOException {
        Journal journal = drill.surroundings().journal();
        long index =
                journal.append(
                                new AdminAct(
                                        "",
                                        Actor.system("posture"),
                                        "posture.canary",
                                        "journal",
                                        "done",
                                        "",
                                        ""))
                        .index();
        List<Observation> seen = new ArrayList<>();
        JournalEntry entry = journal.entry(index).orElseThrow();
        seen.add(
                Observation.of(
                                entry.json().contains("posture.canary"),
                                "what was just recorded is read back")
                        .in(index));
        proof(journal, entry, seen);
        Path directory = journal.directory();
        if (Files.isDirectory(directory.resolve("tile")) && size(directory) <= MOST_COPIED) {
            copies(directory, drill.surroundings().anchors().staging(), seen);
        }
        return Measurement.of(
                control(),
                "a log of %d entries, recorded to and tampered with".formatted(index + 1),
                seen);
    }

    private static void proof(Journal journal, JournalEntry entry, List<Observation> seen)
            throws IOException {
        String proof = journal.prove(entry.index());
        String vkey = Files.readString(journal.directory().resolve("verifier.vkey")).strip();
        Digest other = Hashes.sha256(entry.leafHash().bytes());
        seen.add(
                Observation.of(
                        ProofVerifier.verify(proof, vkey, entry.leafHash())
                                instanceof ProofVerification.Holds,
                        "its inclusion is proved by the signed checkpoint"));
        seen.add(
                Observation.of(
                        ProofVerifier.verify(proof, vkey, other)
                                instanceof ProofVerification.Broken,
                        "the same proof does not hold for another entry"));
    }

    private static void copies(Path directory, Path staging, List<Observation> seen)
            throws IOException {
        Path copy = Files.createTempDirectory(staging, "posture-journal");
        try {
            Verification whole = new Verification.Unreadable("not looked at");
            // Files of a log that is written meanwhile can be copied at different moments.
            for (int look = 0; look < LOOKS && !(whole instanceof Verification.Holds); look++) {
                Scratch.empty(copy);
                Scratch.copy(directory, copy);
                whole = JournalVerifier.verify(copy, Optional.empty(), 1);
            }
            seen.add(
                    Observation.of(
                            whole instanceof Verification.Holds, "a copy of the log verifies"));
            Path bundle = newestBundle(copy);
            byte[] bytes = Files.readAllBytes(bundle);
            bytes[bytes.length / 2] ^= 1;
            Files.write(bundle, bytes);
            Verification tampered = JournalVerifier.verify(copy, Optional.empty(), 1);
            seen.add(
                    Observation.of(
                            tampered instanceof Verification.Broken,
                            tampered instanceof Verification.Broken broken
                                    ? "one flipped bit in it is found, in entry " + broken.index()
                                    : "one flipped bit in it is not found"));
        } finally {
            Scratch.remove(copy);
        }
    }

    private static Path newestBundle(Path log) throws IOException {
        try (Stream<Path> files = Files.walk(log.resolve("tile").resolve("entries"))) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparing(Path::toString))
                    .orElseThrow(() -> new NoSuchFileException("no entry bundle in " + log));
        }
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            long sum = 0;
            for (Path file : files.toList()) {
                sum += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
            return sum;
        } catch (java.io.UncheckedIOException | NoSuchFileException e) {
            // A partial tile was replaced while it was looked at: the log is in use, not gone.
            return Long.MAX_VALUE;
        }
    }
}
