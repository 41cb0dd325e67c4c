package atlas.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Keeps what a process knows out of dumps: a core dump holds every key and every prompt. Where the
 * system is not Linux it changes nothing, and says so.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html">prctl(2)</a>
 */
public final class Dumps {
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int RLIMIT_CORE = 4;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private Dumps() {}

    /**
     * From now on there is no core dump of this process, and nobody of the same user may trace it.
     */
    public static boolean refuse() {
        return linux() && limited() && prctl(PR_SET_DUMPABLE, 0) == 0;
    }

    /** Whether there could be one. */
    static boolean possible() {
        return !linux() || prctl(PR_GET_DUMPABLE, 0) != 0;
    }

    private static boolean linux() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
    }

    private static boolean limited() {
        try (Arena arena = Arena.ofConfined()) {
            // struct rlimit: both its limits are nothing.
            MemorySegment none = arena.allocate(16, 8);
            return call(
                            "setrlimit",
                            FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS),
                            new Object[] {RLIMIT_CORE, none})
                    == 0;
        }
    }

    private static int prctl(int option, long value) {
        return call(
                "prctl",
                FunctionDescriptor.of(INT, INT, LONG, LONG, LONG, LONG),
                new Object[] {option, value, 0L, 0L, 0L},
                Linker.Option.firstVariadicArg(1));
    }

    @SuppressWarnings("restricted") // the C library's word is the only one there is
    private static int call(
            String name, FunctionDescriptor shape, Object[] arguments, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        MethodHandle function =
                linker.downcallHandle(
                        linker.defaultLookup().find(name).orElseThrow(), shape, options);
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            // What a method handle declares; nothing is swallowed.
            throw new IllegalStateException("`" + name + "` could not be called", e);
        }
    }
}
