package atlas.journal;

import atlas.core.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What happened to a home in one order of all threads: calls to the disk, and receipts given. */
final class Trace {
    final Path home;

    /** Files that were there and durable when the trace began. */
    final Map<Path, byte[]> base = new TreeMap<>();

    /** Receipts given before it began. */
    final Map<Long, Digest> acknowledged = new TreeMap<>();

    private final List<Event> events = new ArrayList<>();
    private final Set<Path> directories = new HashSet<>();

    enum Kind {
        MAKE_DIRECTORY,
        CREATE,
        WRITE,
        FORCE,
        REPLACE,
        DELETE,
        SYNC_DIRECTORY,
        RECEIPT
    }

    /**
     * One thing that began.
     *
     * @param path relative to the home
     * @param at position of a write, length of a new file, index of a receipt
     */
    static final class Event {
        final Kind kind;
        final Path path;
        final long at;
        final byte[] bytes;

        /** Its place in the order of beginnings. */
        final int began;

        /** When it was over, in the order of beginnings; not yet: {@code MAX_VALUE}. */
        volatile int ended = Integer.MAX_VALUE;

        Event(Kind kind, Path path, long at, byte[] bytes, int began) {
            this.began = began;
            this.kind = kind;
            this.path = path;
            this.at = at;
            this.bytes = bytes;
        }
    }

    Trace(Path home) throws IOException {
        this.home = home;
        try (Stream<Path> all = Files.walk(home)) {
            for (Path file : all.toList()) {
                if (Files.isDirectory(file)) {
                    directories.add(home.relativize(file));
                } else {
                    base.put(home.relativize(file), Files.readAllBytes(file));
                }
            }
        }
        directories.addAll(
                List.of(
                        Path.of("journal"),
                        Path.of("journal/wal"),
                        Path.of("journal/tmp"),
                        Path.of("journal/index")));
    }

    synchronized Event begin(Kind kind, Path path, long at, byte[] bytes) {
        Path relative = path.startsWith(home) ? home.relativize(path) : path;
        if (kind != Kind.RECEIPT) {
            known(relative.getParent());
        }
        if (kind == Kind.DELETE) {
            directories.remove(relative);
        }
        Event event = new Event(kind, relative, at, bytes, events.size());
        events.add(event);
        return event;
    }

    private void known(@Nullable Path directory) {
        if (directory != null && !directory.toString().isEmpty() && directories.add(directory)) {
            known(directory.getParent());
            Event made = new Event(Kind.MAKE_DIRECTORY, directory, 0, new byte[0], events.size());
            made.ended = events.size();
            events.add(made);
        }
    }

    synchronized void end(Event event) {
        event.ended = events.size();
    }

    void receipt(long index, Digest leaf) {
        end(begin(Kind.RECEIPT, Path.of(""), index, leaf.bytes()));
    }

    synchronized List<Event> events() {
        return List.copyOf(events);
    }
}
