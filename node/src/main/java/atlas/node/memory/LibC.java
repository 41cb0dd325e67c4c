package atlas.node.memory;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The few functions of the C library that this node calls. */
final class LibC {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final Function MLOCK =
            new Function("mlock", FunctionDescriptor.of(INT, POINTER, LONG));
    private static final Function MADVISE =
            new Function("madvise", FunctionDescriptor.of(INT, POINTER, LONG, INT));
    private static final Function PRCTL =
            new Function(
                    "prctl",
                    FunctionDescriptor.of(INT, INT, LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));
    private static final Function MEMFD_CREATE =
            new Function("memfd_create", FunctionDescriptor.of(INT, POINTER, INT));
    private static final Function WRITE =
            new Function("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final Function FCNTL =
            new Function(
                    "fcntl",
                    FunctionDescriptor.of(INT, INT, INT, LONG),
                    Linker.Option.firstVariadicArg(2));
    private static final Function CLOSE = new Function("close", FunctionDescriptor.of(INT, INT));

    private LibC() {}

    /** Whether the functions mean here what they mean on Linux. */
    static boolean usable() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
    }

    /** One function, linked by its first call: linking costs a start more than the call does. */
    private static final class Function {
        private final String name;
        private final FunctionDescriptor shape;
        private final Linker.Option[] options;
        private volatile @Nullable MethodHandle linked;

        Function(String name, FunctionDescriptor shape, Linker.Option... options) {
            this.name = name;
            this.shape = shape;
            this.options = options;
        }

        @SuppressWarnings("restricted") // this class is where the node leaves Java
        MethodHandle handle() {
            MethodHandle there = linked;
            if (there == null) {
                MemorySegment address = LINKER.defaultLookup().find(name).orElseThrow();
                there = LINKER.downcallHandle(address, shape, options);
                linked = there;
            }
            return there;
        }
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
        return call(() -> (int) MLOCK.handle().invokeExact(at, bytes)) == 0;
    }

    static boolean madvise(MemorySegment at, long bytes, int advice) {
        return call(() -> (int) MADVISE.handle().invokeExact(at, bytes, advice)) == 0;
    }

    static boolean prctl(int option, long value) {
        return call(() -> (int) PRCTL.handle().invokeExact(option, value, 0L, 0L, 0L)) == 0;
    }

    static int memfdCreate(MemorySegment name, int flags) {
        return (int) call(() -> (int) MEMFD_CREATE.handle().invokeExact(name, flags));
    }

    static long write(int fd, MemorySegment from, long bytes) {
        return call(() -> (long) WRITE.handle().invokeExact(fd, from, bytes));
    }

    static int fcntl(int fd, int command, long value) {
        return (int) call(() -> (int) FCNTL.handle().invokeExact(fd, command, value));
    }

    static void close(int fd) {
        call(() -> (int) CLOSE.handle().invokeExact(fd));
    }
}
