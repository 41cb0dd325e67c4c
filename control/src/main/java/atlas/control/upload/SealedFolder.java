package atlas.control.upload;

import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A read-only file system over an upload's sealed chunks: whoever is handed its root reads
 * plaintext, and none is ever written. Immutable and thread-safe.
 */
final class SealedFolder extends FileSystem {
    private final Map<String, StagedFile> files;
    private final Map<String, Set<String>> children = new TreeMap<>();
    private final SealedFolderProvider provider = new SealedFolderProvider(this);

    SealedFolder(Map<String, StagedFile> files) {
        this.files = new TreeMap<>(files);
        children.put("", new TreeSet<>());
        for (String file : files.keySet()) {
            String child = file;
            for (int slash = file.lastIndexOf('/'); slash >= 0; slash = child.lastIndexOf('/')) {
                String parent = child.substring(0, slash);
                children.computeIfAbsent(parent, _ -> new TreeSet<>()).add(child);
                child = parent;
            }
            java.util.Objects.requireNonNull(children.get("")).add(child);
        }
    }

    SealedPath root() {
        return new SealedPath(this, true, List.of());
    }

    /** The file of this name, or null. */
    @org.jspecify.annotations.Nullable StagedFile file(String name) {
        return files.get(name);
    }

    /** The names below a folder, or null when there is no such folder. */
    @org.jspecify.annotations.Nullable Set<String> children(String folder) {
        return children.get(folder);
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("ends with its upload");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root());
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic");
    }

    @Override
    public Path getPath(String first, String... more) {
        List<String> segments = new ArrayList<>();
        for (String part : (first + "/" + String.join("/", more)).split("/")) {
            if (!part.isEmpty()) {
                segments.add(part);
            }
        }
        return new SealedPath(this, first.startsWith("/"), segments);
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
        return path -> matcher.matches(Path.of(path.toString()));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("uploads have no owners");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("uploads do not change");
    }
}
