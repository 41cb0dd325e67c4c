package atlas.journal.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which file a path leads to, asked without asking for its times. Since Linux 6.13 a file whose
 * times were looked at gets new ones, finer, with its next write, and then every fdatasync has an
 * inode to write as well: twice the price. So statx(2) is called with a mask; where it cannot be,
 * Java asks for everything.
 */
final class Inode {
    private static final int AT_FDCWD = -100;
    private static final int STATX_NLINK = 0x4;
    private static final int STATX_INO = 0x100;
    private static final int STRUCT_BYTES = 256;
    private static final int NLINK = 16;
    private static final int INO = 32;
    private static final int DEVICE = 136;

    private static final @Nullable MethodHandle STATX = statx();

    private final Path path;
    private final MemorySegment name;
    private final MemorySegment answer;
    private final Object key;

    private Inode(Path path) throws IOException {
        this.path = path;
        Arena arena = Arena.ofAuto();
        this.name = arena.allocateFrom(path.toAbsolutePath().toString());
        this.answer = arena.allocate(STRUCT_BYTES, Long.BYTES);
        Object found = look();
        if (found == null) {
            throw new IOException("the file `" + path + "` is gone as soon as it was made");
        }
        this.key = found;
    }

    /** The file the path leads to now. Belongs to one thread. */
    static Inode of(Path path) throws IOException {
        return new Inode(path);
    }

    /** Whether the path still leads to it. */
    boolean linked() throws IOException {
        return key.equals(look());
    }

    private @Nullable Object look() throws IOException {
        MethodHandle statx = STATX;
        return statx == null ? portable() : masked(statx);
    }

    private @Nullable Object portable() throws IOException {
        if (Files.notExists(path)) {
            return null;
        }
        return Objects.requireNonNull(
                Files.readAttributes(path, BasicFileAttributes.class).fileKey(),
                "a file system whose files have identities");
    }

    /** Device and number of a file. */
    private record Place(long device, long number) {}

    private @Nullable Object masked(MethodHandle statx) {
        int failed;
        try {
            failed = (int) statx.invokeExact(AT_FDCWD, name, 0, STATX_NLINK | STATX_INO, answer);
        } catch (Throwable e) {
            throw new IllegalStateException("a foreign call failed", e);
        }
        if (failed != 0 || answer.get(ValueLayout.JAVA_INT, NLINK) == 0) {
            return null;
        }
        return new Place(
                answer.get(ValueLayout.JAVA_LONG, DEVICE), answer.get(ValueLayout.JAVA_LONG, INO));
    }

    @SuppressWarnings("restricted") // the one call that this room makes past Java
    private static @Nullable MethodHandle statx() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor shape =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS);
        return linker.defaultLookup()
                .find("statx")
                .map(address -> linker.downcallHandle(address, shape))
                .orElse(null);
    }
}
