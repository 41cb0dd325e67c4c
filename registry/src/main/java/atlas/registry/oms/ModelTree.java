package atlas.registry.oms;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The regular files below a folder, by canonical name; links and special files are refused. */
final class ModelTree {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_FILES = 1 << 20;

    private final SortedMap<String, Long> files = new TreeMap<>(ResourceName.ORDER);
    private final Set<String> directories = new HashSet<>();

    private ModelTree() {}

    static ModelTree walk(Path root) throws IOException, Refused {
        ModelTree tree = new ModelTree();
        tree.walk(root, "", 0);
        return tree;
    }

    private void walk(Path directory, String prefix, int depth) throws IOException, Refused {
        if (depth > MAX_DEPTH) {
            throw new Refused("folders are nested deeper than " + MAX_DEPTH);
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = prefix + entry.getFileName();
                BasicFileAttributes attributes =
                        Files.readAttributes(
                                entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                String shown = OmsStatement.shown(name);
                if (attributes.isSymbolicLink()) {
                    throw new Refused("`" + shown + "` is a symbolic link");
                }
                if (!ResourceName.isCanonical(name)) {
                    throw new Refused("`" + shown + "` is not a canonical name");
                }
                if (attributes.isDirectory()) {
                    directories.add(name);
                    walk(entry, name + "/", depth + 1);
                } else if (attributes.isRegularFile()) {
                    files.put(name, attributes.size());
                } else {
                    throw new Refused("`" + shown + "` is not a regular file");
                }
                if (files.size() > MAX_FILES) {
                    throw new Refused("the folder holds more than " + MAX_FILES + " files");
                }
            }
        }
    }

    /** Names with lengths, in spec order. */
    SortedMap<String, Long> files() {
        return files;
    }

    Set<String> directories() {
        return directories;
    }
}
