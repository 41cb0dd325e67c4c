package atlas.journal;

import atlas.journal.Trace.Event;
import atlas.journal.Trace.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a crash leaves of a home: a possible state of the disk at one instant of a {@link Trace}.
 *
 * <p>Durable is only what was forced: a write by an fsync of its file, a name by an fsync of its
 * directory. Of the rest a power cut keeps any subset, whole 512-byte sectors of writes, and names
 * in any order or, as journaling file systems do, in theirs. A killed process keeps everything that
 * it had done and any beginning of what it was doing.
 */
final class Wreck {
    private static final int SECTOR = 512;

    enum Cause {
        KILLED,
        POWER_ORDERED_NAMES,
        POWER
    }

    private final Trace trace;
    private final List<Event> events;
    private final int instant;
    private final Cause cause;
    private final Random random;

    /** How likely what was not forced is there all the same. */
    private final double luck;

    /** Names until here are there, when they keep their order. */
    private final int namesUntil;

    private final Map<Path, List<Name>> names = new TreeMap<>();

    /** What a name led to from some event on; to nothing when {@code file} is null. */
    private record Name(@Nullable Event event, @Nullable Contents file, boolean directory) {}

    /** A file: zeros and what was written over them, or what it was put in place with. */
    private static final class Contents {
        final byte[] beginning;
        int length;
        final List<Event> writes = new ArrayList<>();
        final List<Event> forces = new ArrayList<>();

        Contents(byte[] beginning, long length) {
            this.beginning = beginning;
            this.length = (int) length;
        }
    }

    Wreck(Trace trace, int instant, Cause cause, long seed) {
        this.trace = trace;
        this.events = trace.events().subList(0, instant);
        this.instant = instant;
        this.cause = cause;
        this.random = new Random(seed);
        this.luck = new double[] {0, 0.1, 0.5, 0.9, 1}[random.nextInt(5)];
        this.namesUntil = random.nextInt(instant + 1);
    }

    /** Lays it out in an empty directory. */
    void layOut(Path target) throws IOException {
        trace.base.forEach((path, content) ->
                names(path).add(new Name(null, new Contents(content, content.length), false)));
        for (Event event : events) {
            happened(event);
        }
        Map<Path, Boolean> there = new HashMap<>();
        for (Map.Entry<Path, List<Name>> entry : names.entrySet()) {
            Path path = entry.getKey();
            Name left = left(path, entry.getValue());
            boolean reached = there.getOrDefault(parent(path), true);
            boolean directory = entry.getValue().stream().anyMatch(Name::directory);
            if (directory) {
                there.put(path, reached && left != null && left.directory());
            }
            Contents file = left == null ? null : left.file();
            if (reached && left != null && file != null) {
                Path laid = target.resolve(path);
                Files.createDirectories(Objects.requireNonNull(laid.getParent()));
                Files.write(laid, content(file, left.event()));
            }
        }
    }

    private static Path parent(Path path) {
        return Objects.requireNonNullElse(path.getParent(), Path.of(""));
    }

    private List<Name> names(Path path) {
        return names.computeIfAbsent(path, _ -> new ArrayList<>());
    }

    private void happened(Event event) {
        switch (event.kind) {
            case MAKE_DIRECTORY -> names(event.path).add(new Name(event, null, true));
            case CREATE ->
                    names(event.path)
                            .add(new Name(event, new Contents(event.bytes, event.at), false));
            case REPLACE ->
                    names(event.path)
                            .add(
                                    new Name(
                                            event,
                                            new Contents(event.bytes, event.bytes.length),
                                            false));
            case DELETE -> names(event.path).add(new Name(event, null, false));
            case WRITE -> file(event.path).writes.add(event);
            case FORCE -> file(event.path).forces.add(event);
            case SYNC_DIRECTORY, RECEIPT -> {}
        }
    }

    private Contents file(Path path) {
        return Objects.requireNonNull(names(path).getLast().file());
    }

    /** Which of the things a name led to it leads to now; null when it was not there at all. */
    private @Nullable Name left(Path path, List<Name> all) {
        int durable = all.getFirst().event() == null ? 0 : -1;
        int possible = durable;
        for (int i = Math.max(0, durable); i < all.size(); i++) {
            Event event = all.get(i).event();
            if (event == null) {
                continue;
            }
            if (durableName(path, event)) {
                durable = i;
            }
            boolean done = event.ended <= instant;
            if (done || random.nextBoolean()) {
                possible = i;
            }
        }
        possible = Math.max(possible, durable);
        int chosen =
                switch (cause) {
                    case KILLED -> possible;
                    case POWER_ORDERED_NAMES -> ordered(all, durable, possible);
                    case POWER -> durable + random.nextInt(possible - durable + 1);
                };
        return chosen < 0 ? null : all.get(chosen);
    }

    private int ordered(List<Name> all, int durable, int possible) {
        int chosen = durable;
        for (int i = durable + 1; i <= possible; i++) {
            Event event = all.get(i).event();
            if (event != null && event.ended <= namesUntil) {
                chosen = i;
            }
        }
        return chosen;
    }

    private boolean durableName(Path path, Event event) {
        if (event.kind == Kind.CREATE && event.ended <= instant) {
            return true;
        }
        Path parent = parent(path);
        for (int i = Math.min(event.ended, events.size()); i < events.size(); i++) {
            Event sync = events.get(i);
            if (sync.kind == Kind.SYNC_DIRECTORY
                    && sync.path.equals(parent)
                    && sync.ended <= instant) {
                return true;
            }
        }
        return false;
    }

    private byte[] content(Contents file, @Nullable Event made) {
        for (Event write : file.writes) {
            // A file may have grown before what it grew by is there: then that reads as zeros.
            file.length = Math.max(file.length, (int) write.at + write.bytes.length);
        }
        boolean creating = made != null && made.kind == Kind.CREATE && made.ended > instant;
        byte[] content = Arrays.copyOf(file.beginning, file.length);
        if (creating) {
            return beingMade(file, content);
        }
        for (Event write : file.writes) {
            boolean forced =
                    file.forces.stream()
                            .anyMatch(
                                    force -> force.ended <= instant && force.began >= write.ended);
            boolean done = write.ended <= instant;
            if (forced || (cause == Cause.KILLED && done)) {
                System.arraycopy(write.bytes, 0, content, (int) write.at, write.bytes.length);
            } else if (cause == Cause.KILLED) {
                int part = random.nextInt(write.bytes.length + 1);
                System.arraycopy(write.bytes, 0, content, (int) write.at, part);
            } else {
                torn(write, content);
            }
        }
        return content;
    }

    /** Any of its sectors. */
    private void torn(Event write, byte[] content) {
        for (int from = 0; from < write.bytes.length; from += SECTOR) {
            if (random.nextDouble() < luck) {
                int length = Math.min(SECTOR, write.bytes.length - from);
                System.arraycopy(write.bytes, from, content, (int) write.at + from, length);
            }
        }
    }

    /** A file whose zeros were being written, its beginning last. */
    private byte[] beingMade(Contents file, byte[] content) {
        if (random.nextBoolean()) {
            Arrays.fill(content, 0, file.beginning.length, (byte) 0);
        }
        return Arrays.copyOf(content, random.nextInt(file.length / SECTOR + 1) * SECTOR);
    }
}
