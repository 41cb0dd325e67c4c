package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditLog.Receipt;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalCrashTest {
    @TempDir Path home;

    /** A home as a crash leaves it: the journal is copied while it is open. */
    private Path crashed(int checkpointed, int afterwards) throws IOException {
        Path copy = home.resolve("crashed");
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, checkpointed);
            journal.checkpointNow();
            for (int i = 0; i < afterwards; i++) {
                journal.append(Facts.act(checkpointed + i));
            }
            copy(home, copy);
        }
        return copy;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.filter(f -> !f.startsWith(to)).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static Path segment(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("journal/wal"))) {
            return files.sorted().findFirst().orElseThrow();
        }
    }

    @Test
    void bringsInEveryEntryThatNoCheckpointCovered() throws Exception {
        Path crashed = crashed(5, 4);
        try (Journal journal = Journals.open(crashed, Clock.systemUTC())) {
            assertThat(journal.size()).isEqualTo(9);
            assertThat(journal.checkpoint().size()).isEqualTo(9);
            assertThat(journal.health().notes())
                    .containsExactly("entries 5 to 8 were brought in from the write-ahead log");
            assertThat(journal.append(Facts.act(9)).index()).isEqualTo(9);
        }
        assertThat(verify(crashed)).isInstanceOf(Verification.Holds.class);
    }

    private static Verification verify(Path home) {
        return JournalVerifier.verify(home.resolve("journal"), Optional.empty());
    }

    @Test
    void aTailCutAtAnyByteLosesOnlyTheBatchThatWasNotFinished() throws Exception {
        Path crashed = crashed(2, 2);
        Path segment = segment(crashed);
        byte[] whole = Files.readAllBytes(segment);
        List<int[]> frames = frames(whole);
        int[] last = frames.getLast();
        Path trial = home.resolve("trial");
        Path signed = crashed.resolve("journal.signed");
        Path aside = home.resolve("aside");
        Files.move(signed, aside);
        for (int cut = last[0]; cut < last[0] + last[1]; cut++) {
            byte[] bytes = whole.clone();
            Arrays.fill(bytes, cut, bytes.length, (byte) 0);
            Files.write(segment, bytes);
            boolean open = cut == last[0] || cut % 37 == 0;
            Verification verification = verify(crashed);
            assertThat(verification).as("cut at " + cut).isInstanceOf(Verification.Holds.class);
            if (open) {
                copy(crashed, trial);
                Files.copy(aside, trial.resolve("journal.signed"));
                try (Journal journal = Journals.open(trial, Clock.systemUTC())) {
                    assertThat(journal.size()).as("cut at " + cut).isEqualTo(3);
                }
                assertThat(verify(trial)).isInstanceOf(Verification.Holds.class);
                remove(trial);
            }
        }
    }

    @Test
    void aFlippedByteInTheTailIsNeverTakenForATornWrite() throws Exception {
        Path crashed = crashed(2, 2);
        Path segment = segment(crashed);
        byte[] whole = Files.readAllBytes(segment);
        List<int[]> frames = frames(whole);
        for (int[] frame : frames) {
            for (int at = frame[0]; at < frame[0] + frame[1]; at += 3) {
                flip(segment, whole, at);
                assertThat(verify(crashed))
                        .as("byte " + at)
                        .isInstanceOf(Verification.Broken.class);
            }
        }
        for (int at : new int[] {frames.getFirst()[0] + 20, frames.getLast()[0] + 200}) {
            flip(segment, whole, at);
            assertThatThrownBy(() -> Journals.open(crashed, Clock.systemUTC()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("refusing to start");
        }
        Files.write(segment, whole);
        Journals.open(crashed, Clock.systemUTC()).close();
        assertThat(verify(crashed)).isInstanceOf(Verification.Holds.class);
    }

    private static void flip(Path file, byte[] whole, int at) throws IOException {
        try (RandomAccessFile random = new RandomAccessFile(file.toFile(), "rw")) {
            random.write(whole);
            random.seek(at);
            random.write(whole[at] ^ 0x04);
        }
    }

    /** Offsets and lengths of the frames of a segment. */
    private static List<int[]> frames(byte[] segment) {
        List<int[]> frames = new ArrayList<>();
        java.nio.ByteBuffer in = java.nio.ByteBuffer.wrap(segment);
        int at = 4096;
        while (at < segment.length && in.getInt(at) != 0) {
            int length = in.getInt(at + 4);
            frames.add(new int[] {at, length});
            at += (length + 4095) / 4096 * 4096;
        }
        return frames;
    }

    @Test
    void aDamagedBatchWithALaterOneIsRefused() throws Exception {
        Path crashed = crashed(2, 3);
        Path segment = segment(crashed);
        byte[] whole = Files.readAllBytes(segment);
        List<int[]> frames = frames(whole);
        int[] middle = frames.get(frames.size() - 2);
        Arrays.fill(whole, middle[0], middle[0] + 4096, (byte) 0);
        Files.write(segment, whole);
        assertThatThrownBy(() -> Journals.open(crashed, Clock.systemUTC()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("follows it");
    }

    @Test
    void refusesAWriteAheadLogThatWasRemoved() throws Exception {
        Path crashed = crashed(2, 3);
        try (Stream<Path> files = Files.list(crashed.resolve("journal/wal"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        assertThatThrownBy(() -> Journals.open(crashed, Clock.systemUTC()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("write-ahead log");
        assertThat(verify(crashed)).isInstanceOf(Verification.Broken.class);
    }

    @Test
    void refusesADirectoryRolledBackBehindWhatItSigned() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 4);
        }
        Path old = home.resolve("old");
        copy(home.resolve("journal"), old);
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 3);
        }
        remove(home.resolve("journal"));
        copy(old, home.resolve("journal"));
        assertThatThrownBy(() -> Journals.open(home, Clock.systemUTC()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("rolled back: it has 4 entries, but 7 were signed");
    }

    @Test
    void refusesTilesThatDoNotAddUp() throws Exception {
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            Journals.fill(journal, 4);
        }
        Path tile = home.resolve("journal/tile/0/000.p/4");
        byte[] bytes = Files.readAllBytes(tile);
        bytes[40] ^= 1;
        Files.write(tile, bytes);
        assertThatThrownBy(() -> Journals.open(home, Clock.systemUTC()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("do not add up");
    }

    @Test
    void aKilledProcessLosesNothingItAcknowledged() throws Exception {
        Map<Long, String> acknowledged = new HashMap<>();
        for (int round = 0; round < 3; round++) {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                    "-Xmx128m",
                                    "-XX:TieredStopAtLevel=1",
                                    "-XX:+UseSerialGC",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    CrashingWriter.class.getName(),
                                    home.toString())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            int wanted = 200 + 150 * round;
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                for (int i = 0; i < wanted; i++) {
                    String line = out.readLine();
                    assertThat(line).isNotNull();
                    String[] parts = line.split(" ");
                    acknowledged.put(Long.parseLong(parts[0]), parts[1]);
                }
                process.toHandle().destroyForcibly();
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    String[] parts = line.split(" ");
                    if (parts.length == 2 && parts[1].length() == 64) {
                        acknowledged.put(Long.parseLong(parts[0]), parts[1]);
                    }
                }
            }
            process.waitFor();
            assertThat(verify(home)).isInstanceOf(Verification.Holds.class);
        }
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            acknowledged.forEach((index, leaf) ->
                    assertThat(journal.entry(index).orElseThrow().leafHash().hex())
                            .as("entry " + index)
                            .isEqualTo(leaf));
        }
        assertThat(verify(home)).isInstanceOf(Verification.Holds.class);
    }

    /** Writes from sixteen threads and prints every receipt, until it is killed. */
    static final class CrashingWriter {
        private static final PrintStream OUT =
                new PrintStream(new FileOutputStream(FileDescriptor.out), true);

        private CrashingWriter() {}

        public static void main(String[] args) throws Exception {
            Path home = Path.of(args[0]);
            JournalConfig plain = Journals.config(home);
            JournalConfig config =
                    new JournalConfig(
                            plain.directory(),
                            plain.origin(),
                            plain.mode(),
                            plain.interval(),
                            java.time.Duration.ofMillis(20),
                            100,
                            plain.deadline(),
                            0,
                            8192);
            Journal journal =
                    Journal.open(
                            config,
                            Journals.keys(home),
                            Clock.systemUTC(),
                            new Opened.Tuning(d -> d, Journals.SEGMENT));
            List<Thread> writers = new ArrayList<>();
            for (int w = 0; w < 16; w++) {
                writers.add(Thread.startVirtualThread(() -> write(journal)));
            }
            for (Thread writer : writers) {
                writer.join();
            }
        }

        private static void write(Journal journal) {
            for (int i = 0; i < 100_000; i++) {
                Receipt receipt = journal.append(Facts.act(i));
                OUT.println(receipt.index() + " " + receipt.leafHash().hex());
            }
        }
    }

    private static void remove(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
