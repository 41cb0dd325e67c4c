package atlas.vault.kek;

import atlas.core.crypto.KeyUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which slot of a PKCS#11 module holds which token: what the JDK's provider, which wants a slot's
 * number, does not tell, and what must be known before a PIN is tried on the wrong token.
 *
 * @see <a
 *     href="https://docs.oasis-open.org/pkcs11/pkcs11-base/v2.40/pkcs11-base-v2.40.html">PKCS#11
 *     2.40, sections 3.6 and 5.4 to 5.5</a>
 */
@SuppressWarnings("restricted")
final class TokenSlots {
    private static final long OK = 0;
    private static final long ALREADY_INITIALIZED = 0x191;
    // CKF_USER_PIN_LOCKED and CKF_TOKEN_INITIALIZED.
    private static final long PIN_LOCKED = 0x40000;
    private static final long INITIALIZED = 0x400;
    private static final long OS_LOCKING = 2;

    // Places in CK_FUNCTION_LIST, after its version.
    private static final int INITIALIZE = 0;
    private static final int FINALIZE = 1;
    private static final int GET_SLOT_LIST = 4;
    private static final int GET_TOKEN_INFO = 6;

    private static final long LABEL_BYTES = 32;
    private static final long FLAGS_AT = 96;
    private static final long TOKEN_INFO_BYTES = 208;
    private static final int MAX_SLOTS = 1024;

    private TokenSlots() {}

    /** A token that is there now. */
    record Token(long slot, boolean pinLocked) {}

    /**
     * The tokens that are there, by label.
     *
     * @throws KeyUnavailableException when the module does not say
     */
    static Map<String, Token> of(Path module) {
        return of(module, false);
    }

    /**
     * The tokens that are there once the module has looked anew: many learn of a token that was put
     * back, or of a line that was lost, only by being ended and begun again. All sessions end.
     */
    static Map<String, Token> anew(Path module) {
        return of(module, true);
    }

    private static Map<String, Token> of(Path module, boolean anew) {
        try (Arena arena = Arena.ofConfined()) {
            // Modules do not bear being unloaded and loaded again: this one stays.
            SymbolLookup symbols = SymbolLookup.libraryLookup(module, Arena.global());
            MemorySegment getList =
                    symbols.find("C_GetFunctionList")
                            .orElseThrow(() -> failed(module, "is not a PKCS#11 module", null));
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            check(module, call(getList, out), "C_GetFunctionList");
            MemorySegment functions = out.get(ValueLayout.ADDRESS, 0).reinterpret(8L * 70);
            if (anew) {
                check(
                        module,
                        call(function(functions, FINALIZE), MemorySegment.NULL),
                        "C_Finalize");
            }
            initialize(module, functions, arena);
            return tokens(module, functions, arena);
        } catch (IllegalArgumentException e) {
            throw failed(module, "cannot be loaded", e);
        }
    }

    private static void initialize(Path module, MemorySegment functions, Arena arena) {
        // CK_C_INITIALIZE_ARGS: four callbacks of none, flags, reserved.
        MemorySegment args = arena.allocate(48, 8);
        args.set(ValueLayout.JAVA_LONG, 32, OS_LOCKING);
        long result = call(function(functions, INITIALIZE), args);
        if (result != ALREADY_INITIALIZED) {
            check(module, result, "C_Initialize");
        }
    }

    private static Map<String, Token> tokens(Path module, MemorySegment functions, Arena arena) {
        MemorySegment list = function(functions, GET_SLOT_LIST);
        MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
        check(module, call(list, (byte) 1, MemorySegment.NULL, count), "C_GetSlotList");
        long slots = Math.min(MAX_SLOTS, count.get(ValueLayout.JAVA_LONG, 0));
        MemorySegment ids = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, slots));
        count.set(ValueLayout.JAVA_LONG, 0, slots);
        check(module, call(list, (byte) 1, ids, count), "C_GetSlotList");
        slots = Math.min(slots, count.get(ValueLayout.JAVA_LONG, 0));
        Map<String, Token> tokens = new TreeMap<>();
        MemorySegment info = arena.allocate(TOKEN_INFO_BYTES, 8);
        for (long i = 0; i < slots; i++) {
            long slot = ids.getAtIndex(ValueLayout.JAVA_LONG, i);
            if (call(function(functions, GET_TOKEN_INFO), slot, info) != OK) {
                continue;
            }
            long flags = info.get(ValueLayout.JAVA_LONG, FLAGS_AT);
            if ((flags & INITIALIZED) != 0) {
                byte[] label = info.asSlice(0, LABEL_BYTES).toArray(ValueLayout.JAVA_BYTE);
                tokens.put(
                        new String(label, StandardCharsets.UTF_8).stripTrailing(),
                        new Token(slot, (flags & PIN_LOCKED) != 0));
            }
        }
        return tokens;
    }

    private static MemorySegment function(MemorySegment functions, int index) {
        return functions.get(ValueLayout.ADDRESS, 8L + 8L * index);
    }

    private static long call(MemorySegment function, Object... arguments) {
        ValueLayout[] layouts = new ValueLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] =
                    switch (arguments[i]) {
                        case Byte _ -> ValueLayout.JAVA_BYTE;
                        case Long _ -> ValueLayout.JAVA_LONG;
                        default -> ValueLayout.ADDRESS;
                    };
        }
        MethodHandle handle =
                Linker.nativeLinker()
                        .downcallHandle(
                                function, FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts));
        try {
            return (long) handle.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a call of a PKCS#11 module failed", e);
        }
    }

    private static void check(Path module, long result, String what) {
        if (result != OK) {
            throw failed(module, "answers " + what + " with 0x" + Long.toHexString(result), null);
        }
    }

    private static KeyUnavailableException failed(
            Path module, String what, @org.jspecify.annotations.Nullable Throwable cause) {
        return new KeyUnavailableException("the PKCS#11 module `" + module + "` " + what, cause);
    }
}
