package atlas.control.backup;

import atlas.backup.BackupFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where scheduled backups lie, named by when they were made. A file under its name is whole and on
 * the disk; the oldest go when there are more than are kept. Other files are left alone.
 */
final class BackupFolder {
    private static final String BEGIN = "atlas-";
    private static final String END = ".backup";
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path folder;

    BackupFolder(Path folder) {
        this.folder = folder;
    }

    /** Writes into a file; it is called what it will be once it is whole. */
    interface Body<T> {
        T write(Path file, OutputStream out) throws IOException;
    }

    /** A backup that is in its place. */
    record Put<T>(Path file, T made) {}

    /** Puts a new backup in place, or leaves nothing. */
    <T> Put<T> put(Instant when, Body<T> body) throws IOException {
        Path file = folder.resolve(BEGIN + WHEN.format(when) + END);
        return new Put<>(file, BackupFile.put(file, (_, out) -> body.write(file, out)));
    }

    /** When the newest was made. */
    Optional<Instant> newest() throws IOException {
        List<Path> there = backups();
        return there.isEmpty() ? Optional.empty() : when(there.getFirst());
    }

    /** Removes all but the newest so many, and what a stopped process left half written. */
    void keepOnly(int most) throws IOException {
        List<Path> there = backups();
        for (Path old : there.subList(Math.min(most, there.size()), there.size())) {
            Files.delete(old);
        }
        try (Stream<Path> all = Files.list(folder)) {
            for (Path left : all.filter(BackupFolder::halfWritten).toList()) {
                Files.delete(left);
            }
        }
    }

    private static boolean halfWritten(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith("." + BEGIN) && name.endsWith(END + ".new");
    }

    /** Newest first. */
    private List<Path> backups() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> when(file).isPresent())
                    .sorted(Comparator.comparing(Path::toString).reversed())
                    .toList();
        }
    }

    private static Optional<Instant> when(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith(BEGIN) || !name.endsWith(END)) {
            return Optional.empty();
        }
        try {
            String text = name.substring(BEGIN.length(), name.length() - END.length());
            return Optional.of(WHEN.parse(text, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
