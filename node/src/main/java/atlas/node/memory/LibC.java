package atlas.node.memory;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/** The few functions of the C library that this node calls. */
final class LibC {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final MethodHandle MLOCK =
            find("mlock", FunctionDescriptor.of(INT, POINTER, LONG));
    private static final MethodHandle MADVISE =
            find("madvise", FunctionDescriptor.of(INT, POINTER, LONG, INT));
    private static final MethodHandle PRCTL =
            find(
                    "prctl",
                    FunctionDescriptor.of(INT, INT, LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));
    private static final MethodHandle MEMFD_CREATE =
            find("memfd_create", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle WRITE =
            find("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle FCNTL =
            find(
                    "fcntl",
                    FunctionDescriptor.of(INT, INT, INT, LONG),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = find("close", FunctionDescriptor.of(INT, INT));

    private LibC() {}

    /** Whether the functions mean here what they mean on Linux. */
    static boolean usable() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
    }

    @SuppressWarnings("restricted") // this class is where the node leaves Java
    private static MethodHandle find(
            String name, FunctionDescriptor shape, Linker.Option... options) {
        // A function that is missing is only missed when it is called.
        MemorySegment address =
                LINKER.defaultLookup().find(name).orElse(MemorySegment.ofAddress(8));
        return LINKER.downcallHandle(address, shape, options);
    }

    /** A call, its checked throwable made a fault. */
    private interface Call {
        Object run() throws Throwable;
    }

    private static long call(Call call) {
        if (!usable()) {
            return -1;
        }
        try {
            return ((Number) call.run()).longValue();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a foreign call failed", e);
        }
    }

    static boolean mlock(MemorySegment at, long bytes) {
        return call(() -> (int) MLOCK.invokeExact(at, bytes)) == 0;
    }

    static boolean madvise(MemorySegment at, long bytes, int advice) {
        return call(() -> (int) MADVISE.invokeExact(at, bytes, advice)) == 0;
    }

    static boolean prctl(int option, long value) {
        return call(() -> (int) PRCTL.invokeExact(option, value, 0L, 0L, 0L)) == 0;
    }

    static int memfdCreate(MemorySegment name, int flags) {
        return (int) call(() -> (int) MEMFD_CREATE.invokeExact(name, flags));
    }

    static long write(int fd, MemorySegment from, long bytes) {
        return call(() -> (long) WRITE.invokeExact(fd, from, bytes));
    }

    static int fcntl(int fd, int command, long value) {
        return (int) call(() -> (int) FCNTL.invokeExact(fd, command, value));
    }

    static void close(int fd) {
        call(() -> (int) CLOSE.invokeExact(fd));
    }
}
