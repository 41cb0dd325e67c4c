package atlas.registry.scan;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows a pickle without building anything, to say what loading it would do: which names it
 * imports and which of them it calls. No pickle is admitted; this only names the reason.
 */
final class PickleReader {
    private static final int MAX_STEPS = 1 << 20;
    private static final int MAX_DEPTH = 1 << 16;
    private static final int MAX_LINE = 1 << 16;
    private static final int MAX_TEXT = 1 << 12;
    private static final int MAX_TOLD = 12;
    private static final int MAX_PROTOCOL = 5;

    /** Harmless by themselves: how tensors and arrays are put together. */
    private static final Set<String> TENSORS =
            Set.of(
                    "torch._utils._rebuild_tensor_v2",
                    "torch._utils._rebuild_parameter",
                    "collections.OrderedDict",
                    "numpy.core.multiarray._reconstruct",
                    "numpy._core.multiarray._reconstruct",
                    "numpy.ndarray",
                    "numpy.dtype",
                    "_codecs.encode");

    private final ByteWindow in;
    private final Deque<Value> stack = new ArrayDeque<>();
    private final Map<Long, Value> memo = new HashMap<>();
    private final List<ScanReport.Finding> told = new ArrayList<>();
    private boolean running = true;

    /** What lies on the stack: a text, an imported name, what a call would give, or anything. */
    private record Value(Kind kind, String text) {
        private static final Value ANY = new Value(Kind.ANY, "");
        private static final Value MARK = new Value(Kind.MARK, "");
    }

    private enum Kind {
        ANY,
        MARK,
        TEXT,
        NAME
    }

    private PickleReader(ByteSource source) {
        this.in = new ByteWindow(source);
    }

    /** Whether the bytes are a pickle from the first on, as far as they can be followed. */
    static boolean is(ByteSource source) throws IOException {
        try {
            PickleReader reader = new PickleReader(source);
            int steps = reader.run();
            // One byte alone, or two, is too little to call it one.
            return steps > 2 && reader.in.remaining() == 0;
        } catch (Malformed e) {
            return false;
        }
    }

    /** Adds what the pickle would do to the findings. */
    static void explain(String where, ByteSource source, Examination out) throws IOException {
        PickleReader reader = new PickleReader(source);
        try {
            reader.run();
            if (reader.in.remaining() > 0) {
                reader.tell("goes on behind its end", reader.in.position());
            }
        } catch (Malformed e) {
            reader.tell("cannot be followed: " + e.what(), e.offset());
        }
        if (reader.told.isEmpty()) {
            out.refuse(where + "holds data only, yet what reads it can run code; convert it", 0);
        }
        for (ScanReport.Finding finding : reader.told) {
            out.refuse(where + finding.what(), finding.offset());
        }
    }

    private void tell(String what, long offset) {
        if (told.size() < MAX_TOLD) {
            told.add(new ScanReport.Finding(what, offset));
        }
    }

    private int run() throws IOException, Malformed {
        int steps = 0;
        while (running) {
            if (++steps > MAX_STEPS || stack.size() > MAX_DEPTH || memo.size() > MAX_DEPTH) {
                throw in.malformed("it is larger than what is followed");
            }
            long at = in.position();
            int opcode = in.u8();
            if (!constant(opcode) && !structure(opcode)) {
                act(opcode, at);
            }
        }
        return steps;
    }

    // Opcodes that put a value on the stack.
    private boolean constant(int opcode) throws IOException, Malformed {
        switch (opcode) {
            case 'N', ']', '}', ')', 0x88, 0x89, 0x8f, 0x97 -> push(Value.ANY);
            case 'K' -> skipped(1);
            case 'M' -> skipped(2);
            case 'J' -> skipped(4);
            case 'G' -> skipped(8);
            case 'F', 'I', 'L' -> {
                in.line(MAX_LINE);
                push(Value.ANY);
            }
            case 'S' -> push(text(unquoted(in.line(MAX_LINE))));
            case 'V' -> push(text(in.line(MAX_LINE)));
            case 'U', 0x8c -> push(text(in.u8()));
            case 'T', 'X' -> push(text(in.u32()));
            case 0x8d -> push(text(in.u64()));
            case 'C', 0x8a -> skipped(in.u8());
            case 'B', 0x8b -> skipped(in.u32());
            case 0x8e, 0x96 -> skipped(in.u64());
            default -> {
                return false;
            }
        }
        return true;
    }

    // Opcodes that move values about.
    private boolean structure(int opcode) throws IOException, Malformed {
        switch (opcode) {
            case '(' -> push(Value.MARK);
            case '.' -> {
                pop();
                running = false;
            }
            case '0' -> pop();
            case '1', 'e', 'u', 0x90 -> popMark();
            case '2' -> push(peek());
            case 'a' -> pop();
            case 's' -> {
                pop();
                pop();
            }
            case 'd', 'l', 't', 0x91 -> {
                popMark();
                push(Value.ANY);
            }
            case 0x85 -> gather(1);
            case 0x86 -> gather(2);
            case 0x87 -> gather(3);
            case 'p' -> memo.put(number(in.line(32)), peek());
            case 'q' -> memo.put((long) in.u8(), peek());
            case 'r' -> memo.put(in.u32(), peek());
            case 0x94 -> memo.put((long) memo.size(), peek());
            case 'g' -> push(remembered(number(in.line(32))));
            case 'h' -> push(remembered(in.u8()));
            case 'j' -> push(remembered(in.u32()));
            case 0x80 -> protocol();
            case 0x95 -> in.skip(8);
            case 0x98 -> peek();
            default -> {
                return false;
            }
        }
        return true;
    }

    // Opcodes that import and call.
    private void act(int opcode, long at) throws IOException, Malformed {
        switch (opcode) {
            case 'c' -> push(imported(in.line(MAX_LINE), in.line(MAX_LINE), at));
            case 0x93 -> {
                Value name = pop();
                Value module = pop();
                push(imported(shown(module), shown(name), at));
            }
            case 'i' -> {
                Value name = imported(in.line(MAX_LINE), in.line(MAX_LINE), at);
                popMark();
                push(called(name, at));
            }
            case 'o' -> {
                Value first = Value.ANY;
                for (Value value = pop(); value.kind() != Kind.MARK; value = pop()) {
                    first = value;
                }
                push(called(first, at));
            }
            case 'R', 0x81 -> {
                pop();
                push(called(pop(), at));
            }
            case 0x92 -> {
                pop();
                pop();
                push(called(pop(), at));
            }
            case 'b' -> {
                pop();
                tellUnless(TENSORS.contains(peek().text()), "sets the state of an object", at);
            }
            case 'P' -> {
                in.line(MAX_LINE);
                tell("asks its loader for an object by name", at);
                push(Value.ANY);
            }
            case 'Q' -> {
                pop();
                tell("asks its loader for an object by name", at);
                push(Value.ANY);
            }
            case 0x82, 0x83, 0x84 -> {
                in.skip(opcode == 0x82 ? 1 : opcode == 0x83 ? 2 : 4);
                tell("takes an object from the registry of extensions", at);
                push(Value.ANY);
            }
            default -> throw new Malformed("an opcode that pickle does not have", at);
        }
    }

    private Value imported(String module, String name, long at) {
        String full = module + "." + name;
        boolean storage = module.equals("torch") && name.endsWith("Storage");
        tellUnless(storage || TENSORS.contains(full), "imports `" + full + "`", at);
        return new Value(Kind.NAME, full);
    }

    private Value called(Value callee, long at) {
        boolean named = callee.kind() == Kind.NAME;
        boolean harmless = TENSORS.contains(callee.text());
        tellUnless(harmless, named ? "calls `" + callee.text() + "`" : "calls something", at);
        return new Value(Kind.ANY, harmless ? callee.text() : "");
    }

    private void tellUnless(boolean harmless, String what, long at) {
        if (!harmless) {
            tell(what, at);
        }
    }

    private static String shown(Value value) {
        return value.kind() == Kind.TEXT ? value.text() : "(computed)";
    }

    private void protocol() throws IOException, Malformed {
        if (in.u8() > MAX_PROTOCOL) {
            tell("is of a protocol that does not exist", in.position() - 1);
        }
    }

    private void push(Value value) {
        stack.push(value);
    }

    private Value pop() throws Malformed {
        if (stack.isEmpty()) {
            throw in.malformed("it takes from an empty stack");
        }
        return stack.pop();
    }

    private Value peek() throws Malformed {
        if (stack.isEmpty()) {
            throw in.malformed("it takes from an empty stack");
        }
        return stack.peek();
    }

    private void popMark() throws Malformed {
        while (pop().kind() != Kind.MARK) {
            // Everything above the mark goes into what is made.
        }
    }

    private void gather(int values) throws Malformed {
        for (int i = 0; i < values; i++) {
            pop();
        }
        push(Value.ANY);
    }

    private Value remembered(long index) throws Malformed {
        Value value = memo.get(index);
        if (value == null) {
            throw in.malformed("it recalls what it never kept");
        }
        return value;
    }

    private void skipped(long bytes) throws Malformed {
        in.skip(bytes);
        push(Value.ANY);
    }

    private Value text(long bytes) throws IOException, Malformed {
        if (bytes > MAX_TEXT) {
            in.skip(bytes);
            return Value.ANY;
        }
        return text(new String(in.bytes(bytes, MAX_TEXT), java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Value text(String text) {
        return new Value(Kind.TEXT, text);
    }

    private static String unquoted(String line) {
        int last = line.length() - 1;
        return last > 0 && line.charAt(0) == line.charAt(last) ? line.substring(1, last) : line;
    }

    private long number(String line) throws Malformed {
        if (!line.matches("[0-9]{1,9}")) {
            throw in.malformed("a place to keep something is not a number");
        }
        return Long.parseLong(line);
    }
}
