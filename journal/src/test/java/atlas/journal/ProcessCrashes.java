package atlas.journal;

import atlas.core.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Real processes that are really killed, or whose system calls really fail. */
final class ProcessCrashes {
    private final Path scratch;
    private final int journals;
    private int homes;
    private long processes;
    private long crashed;
    private long failures;
    private long receipts;

    ProcessCrashes(Path scratch, int journals) {
        this.scratch = scratch;
        this.journals = journals;
    }

    long crashed() {
        return crashed;
    }

    long failures() {
        return failures;
    }

    /** In one line. */
    String summary() {
        return crashed
                + " journals in "
                + processes
                + " processes, "
                + (failures == 0 ? "all killed" : failures + " system calls made to fail")
                + ", "
                + receipts
                + " receipts checked, none lost";
    }

    private static List<String> java(Path home, int journals, int entries) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx192m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingWriters.class.getName(),
                home.toString(),
                Integer.toString(journals),
                Integer.toString(entries));
    }

    /** Kills a process a moment after its journals were opened, a few times over. */
    void kill(long seed, int generations) throws IOException, InterruptedException {
        Random random = new Random(seed);
        Path home = fresh();
        for (int generation = 0; generation < generations; generation++) {
            Process process =
                    new ProcessBuilder(java(home, journals, Integer.MAX_VALUE))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                if (!"ready".equals(out.readLine())) {
                    throw new AssertionError("seed " + seed + ": the writers did not start");
                }
                // The load decides how far each journal is by then.
                process.waitFor(20 + random.nextInt(600), TimeUnit.MILLISECONDS);
            } finally {
                process.destroyForcibly();
            }
            process.waitFor();
            processes++;
            check(home, "seed " + seed + " generation " + generation);
        }
        remove(home);
    }

    /** Lets every so-many-th call fail, until all journals have ended by it or written enough. */
    void fail(String call, String error, int first, int step)
            throws IOException, InterruptedException {
        Path home = fresh();
        Path log = home.resolveSibling(home.getFileName() + ".strace");
        String what = call + " " + error + " when " + first + "+" + step;
        List<String> command = new ArrayList<>();
        command.addAll(List.of("strace", "-f", "--seccomp-bpf", "-qq", "-o", log.toString()));
        command.addAll(List.of("-e", "trace=" + call, "-e"));
        command.add("inject=" + call + ":error=" + error + ":when=" + first + "+" + step);
        command.addAll(java(home, journals, 120));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(what + ": the writers did not end");
        }
        processes++;
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            failures += lines.filter(line -> line.contains("(INJECTED)")).count();
        }
        check(home, what);
        remove(home);
        Files.delete(log);
    }

    private void check(Path where, String what) throws IOException {
        try (Stream<Path> all = Files.list(where)) {
            for (Path home : all.sorted().toList()) {
                if (Files.exists(home.resolve(CrashingWriters.RECEIPTS))) {
                    checkOne(home, what + " journal " + home.getFileName());
                    crashed++;
                }
            }
        }
    }

    private void checkOne(Path home, String what) throws IOException {
        if (Files.exists(home.resolve(CrashingWriters.BROKEN_WORD))) {
            throw new AssertionError(what + ": a receipt was given after a failed call");
        }
        Map<Long, Digest> promised = new TreeMap<>();
        byte[] noted = Files.readAllBytes(home.resolve(CrashingWriters.RECEIPTS));
        for (int at = 0; at + 40 <= noted.length; at += 40) {
            Digest leaf = Digest.of(Arrays.copyOfRange(noted, at + 8, at + 40));
            promised.put(ByteBuffer.wrap(noted).getLong(at), leaf);
        }
        receipts += promised.size();
        Path log = home.resolve("journal");
        boolean begun = Files.exists(log.resolve("checkpoint"));
        Verification before = JournalVerifier.verify(log, Optional.empty());
        if (begun && !(before instanceof Verification.Holds)) {
            throw new AssertionError(what + ", before it was opened: " + before);
        }
        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            journal.append(Facts.act(1));
        } catch (JournalException e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
        if (!(JournalVerifier.verify(log, Optional.empty()) instanceof Verification.Holds holds)) {
            throw new AssertionError(what + ": " + JournalVerifier.verify(log, Optional.empty()));
        }
        Promised.expect(log, holds.size(), promised, what);
    }

    private Path fresh() throws IOException {
        return Files.createDirectories(scratch.resolve("crashed-" + homes++));
    }

    private static void remove(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
