package atlas.control.upload;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A path in a {@link SealedFolder}: segments, and whether they begin at the root. */
final class SealedPath implements Path {
    private final SealedFolder folder;
    private final boolean absolute;
    private final List<String> segments;

    SealedPath(SealedFolder folder, boolean absolute, List<String> segments) {
        this.folder = folder;
        this.absolute = absolute;
        this.segments = List.copyOf(segments);
    }

    /** The name inside the folder, without a slash in front. */
    String name() {
        return String.join("/", ((SealedPath) normalize()).segments);
    }

    static SealedPath of(Path path) {
        if (path instanceof SealedPath sealed) {
            return sealed;
        }
        throw new ProviderMismatchException();
    }

    @Override
    public FileSystem getFileSystem() {
        return folder;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable Path getRoot() {
        return absolute ? folder.root() : null;
    }

    @Override
    public @Nullable Path getFileName() {
        return segments.isEmpty()
                ? null
                : new SealedPath(folder, false, List.of(segments.getLast()));
    }

    @Override
    public @Nullable Path getParent() {
        if (segments.isEmpty() || (segments.size() == 1 && !absolute)) {
            return null;
        }
        return new SealedPath(folder, absolute, segments.subList(0, segments.size() - 1));
    }

    @Override
    public int getNameCount() {
        return segments.size();
    }

    @Override
    public Path getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public Path subpath(int begin, int end) {
        if (begin < 0 || end > segments.size() || begin >= end) {
            throw new IllegalArgumentException("no such part of `" + this + "`");
        }
        return new SealedPath(folder, false, segments.subList(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof SealedPath that
                && that.folder.equals(folder)
                && that.absolute == absolute
                && that.segments.size() <= segments.size()
                && segments.subList(0, that.segments.size()).equals(that.segments);
    }

    @Override
    public boolean endsWith(Path other) {
        return other instanceof SealedPath that
                && that.folder.equals(folder)
                && (that.absolute
                        ? equals(that)
                        : that.segments.size() <= segments.size()
                                && segments.subList(
                                                segments.size() - that.segments.size(),
                                                segments.size())
                                        .equals(that.segments));
    }

    @Override
    public Path normalize() {
        List<String> kept = new ArrayList<>();
        for (String segment : segments) {
            if (segment.equals("..") && !kept.isEmpty()) {
                kept.removeLast();
            } else if (!segment.equals(".") && !segment.equals("..")) {
                kept.add(segment);
            }
        }
        return new SealedPath(folder, absolute, kept);
    }

    @Override
    public Path resolve(Path other) {
        // Names taken from the folder's own files may come as paths of the default file system.
        if (!(other instanceof SealedPath)) {
            return resolve(folder.getPath(other.toString()));
        }
        SealedPath that = of(other);
        if (that.absolute) {
            return that;
        }
        List<String> all = new ArrayList<>(segments);
        all.addAll(that.segments);
        return new SealedPath(folder, absolute, all);
    }

    @Override
    public Path relativize(Path other) {
        SealedPath that = of(other);
        if (!that.startsWith(this)) {
            throw new IllegalArgumentException("`" + other + "` is not below `" + this + "`");
        }
        return new SealedPath(
                folder, false, that.segments.subList(segments.size(), that.segments.size()));
    }

    @Override
    public URI toUri() {
        return URI.create("atlas-upload:/" + String.join("/", segments).replace(" ", "%20"));
    }

    @Override
    public Path toAbsolutePath() {
        return absolute ? this : new SealedPath(folder, true, segments);
    }

    @Override
    public Path toRealPath(LinkOption... options) {
        return toAbsolutePath().normalize();
    }

    @Override
    public WatchKey register(
            WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("uploads do not change");
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(of(other).toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SealedPath that
                && that.folder.equals(folder)
                && that.absolute == absolute
                && that.segments.equals(segments);
    }

    @Override
    public int hashCode() {
        return Objects.hash(absolute, segments);
    }

    @Override
    public String toString() {
        return (absolute ? "/" : "") + String.join("/", segments);
    }
}
