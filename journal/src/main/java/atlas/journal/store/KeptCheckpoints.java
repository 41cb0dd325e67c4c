package atlas.journal.store;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.CheckpointSeries;
import atlas.tlog.CheckpointSeries.Kept;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteSigner;
import atlas.tlog.TilePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The checkpoints that stay: a thinned series of those published, which always ends with the
 * newest.
 *
 * <p>The newest takes the place of the one before unless that one is due to stay: it was the first
 * since the journal was opened or the last before it stopped, or enough entries or time lie between
 * it and the one that stayed before. Belongs to one thread at a time.
 */
public final class KeptCheckpoints {
    private final Pages pages;
    private final NoteSigner signer;
    private final Spacing spacing;
    private final List<Kept> kept = new ArrayList<>();
    private long number;
    private Digest before = Digest.of(new byte[Digest.BYTES]);
    private byte[] written = new byte[0];
    private boolean lastStays = true;
    private long stayedSize = -1;
    private long stayedAt;

    /** How far apart kept checkpoints lie at most, while new ones are published. */
    public record Spacing(long entries, Duration time) {
        /** 65,536 entries or ten minutes. */
        public static Spacing standard() {
            return new Spacing(65_536, Duration.ofMinutes(10));
        }
    }

    /** Where the files of a series lie. */
    public interface Pages {
        boolean has(String name) throws IOException;

        byte[] read(String name) throws IOException;

        /**
         * Puts a file in place; durable when this returns.
         *
         * @param before what this series put there last; empty when it begins the file
         */
        void write(String name, byte[] before, byte[] content) throws IOException;
    }

    /** The pages of a journal in a directory of its own. */
    private record Directory(Disk disk, Path root) implements Pages {
        @Override
        public boolean has(String name) {
            return Files.exists(root.resolve(name));
        }

        @Override
        public byte[] read(String name) throws IOException {
            return Files.readAllBytes(root.resolve(name));
        }

        @Override
        public void write(String name, byte[] before, byte[] content) throws IOException {
            Path file = root.resolve(name);
            List<Path> made = new ArrayList<>();
            Path parent = Objects.requireNonNull(file.getParent());
            for (Path at = parent; !Files.exists(at); at = Objects.requireNonNull(at.getParent())) {
                made.add(Objects.requireNonNull(at.getParent()));
            }
            Files.createDirectories(parent);
            disk.replace(file, content);
            disk.syncDirectory(parent);
            for (Path directory : made) {
                disk.syncDirectory(directory);
            }
        }
    }

    private KeptCheckpoints(Pages pages, NoteSigner signer, Spacing spacing) {
        this.pages = pages;
        this.signer = signer;
        this.spacing = spacing;
    }

    /**
     * Goes on where the series ends.
     *
     * @throws MalformedException when its last file is not what this log signed
     */
    public static KeptCheckpoints open(Disk disk, Path root, NoteSigner signer, Spacing spacing)
            throws IOException, MalformedException {
        return open(new Directory(disk, root), signer, spacing);
    }

    /** As the other, wherever the files lie. */
    public static KeptCheckpoints open(Pages pages, NoteSigner signer, Spacing spacing)
            throws IOException, MalformedException {
        KeptCheckpoints series = new KeptCheckpoints(pages, signer, spacing);
        long files = files(pages);
        if (files > 0) {
            byte[] bytes = pages.read(TilePath.checkpoints(files - 1));
            CheckpointSeries last = CheckpointSeries.verified(bytes, signer.verifierKey());
            if (last.number() != files - 1) {
                throw new MalformedException("the kept checkpoints are those of another place");
            }
            series.number = last.number();
            series.before = last.before();
            series.kept.addAll(last.kept());
            series.written = bytes;
        }
        return series;
    }

    /** How many files there are: they are numbered without a gap. */
    private static long files(Pages pages) throws IOException {
        long have = 0;
        long step = 1;
        while (pages.has(TilePath.checkpoints(have + step - 1))) {
            have += step;
            step *= 2;
        }
        for (step /= 2; step > 0; step /= 2) {
            if (pages.has(TilePath.checkpoints(have + step - 1))) {
                have += step;
            }
        }
        return have;
    }

    /** The newest; absent when none was ever kept. */
    public Optional<Kept> last() {
        return kept.isEmpty() ? Optional.empty() : Optional.of(kept.getLast());
    }

    /** Keeps a checkpoint about to be published; durable when this returns. */
    public void add(String note) throws IOException {
        Kept next;
        try {
            next = Kept.of(note);
        } catch (MalformedException e) {
            throw new IllegalArgumentException("not a checkpoint", e);
        }
        boolean again = !kept.isEmpty() && kept.getLast().size() == next.size();
        if (again || !lastStays) {
            kept.removeLast();
        } else if (kept.size() == CheckpointSeries.WIDTH) {
            before = Hashes.sha256(written);
            number++;
            kept.clear();
            written = new byte[0];
        }
        kept.add(next);
        write();
        lastStays = due(next);
        if (lastStays) {
            stayedSize = next.size();
            stayedAt = System.nanoTime();
        }
    }

    private boolean due(Kept next) {
        return stayedSize < 0
                || next.size() - stayedSize >= spacing.entries()
                || System.nanoTime() - stayedAt >= spacing.time().toNanos();
    }

    private void write() throws IOException {
        String origin = signer.verifierKey().name();
        String text = new CheckpointSeries(origin, number, before, kept).text();
        byte[] content = signer.sign(text).getBytes(StandardCharsets.UTF_8);
        pages.write(TilePath.checkpoints(number), written, content);
        written = content;
    }
}
