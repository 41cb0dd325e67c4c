package atlas.journal;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the journal costs, beside what it cannot be faster than: {@code JournalBench DIRECTORY
 * appends [SECONDS [ROUNDS]]} or {@code JournalBench DIRECTORY scale [ENTRIES]}; run by {@code
 * bench/journal}.
 */
public final class JournalBench {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private JournalBench() {}

    public static void main(String[] args) throws Exception {
        Path home = Files.createTempDirectory(Path.of(args[0]), "journal-bench");
        List<String> rest = List.of(args).subList(1, args.length);
        // What clearing up says is attached to what went wrong before, and hides none of it.
        try (Closeable _ = () -> delete(home)) {
            switch (rest.getFirst()) {
                case "appends" ->
                        new BenchAppends(home, OUT)
                                .run(number(rest, 1, 5), (int) number(rest, 2, 3));
                case "scale" -> new BenchScale(home, OUT).run(number(rest, 1, 1_000_000));
                default -> throw new IllegalArgumentException("`appends` or `scale`");
            }
        }
    }

    private static long number(List<String> args, int at, long usual) {
        return at < args.size() ? Long.parseLong(args.get(at)) : usual;
    }

    /** Processor time of this process so far, nanoseconds. */
    static long cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
