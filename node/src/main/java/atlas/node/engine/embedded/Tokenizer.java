package atlas.node.engine.embedded;

import atlas.node.engine.ChatMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Byte-level byte-pair encoding as GPT-2 does it. Text never becomes a control token: only {@link
 * #chat} puts those in, so nobody can end their own message early. Time is n log n in the text.
 */
final class Tokenizer implements TextEncoder {
    private static final Pattern WORD =
            Pattern.compile(
                    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
                            + "|\\s+(?!\\S)|\\s+");
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;

    private final byte[][] bytesOf;
    private final int[] byteIds = new int[256];
    private final Map<Long, Merge> merges = new HashMap<>();
    private final int longest;
    private final int open;
    private final int close;
    private final int end;

    private record Merge(int rank, int id) {}

    /** A merge that may be due, at a place in the word. */
    private record Due(int rank, int left, int right, int id, int leftId, int rightId) {}

    Tokenizer(GgufFile file) {
        this(
                file.list("tokenizer.ggml.tokens", String.class),
                file.list("tokenizer.ggml.token_type", Integer.class),
                file.list("tokenizer.ggml.merges", String.class),
                file.require("tokenizer.ggml.eos_token_id", Integer.class));
        requirePre(file);
    }

    /** A tokenizer without control tokens. */
    Tokenizer(List<String> tokens, List<String> merges) {
        this(tokens, Collections.nCopies(tokens.size(), NORMAL), merges, 0);
    }

    private Tokenizer(List<String> tokens, List<Integer> types, List<String> lines, int endToken) {
        boolean fits = types.size() == tokens.size() && tokens.size() >= 256;
        if (!fits || endToken < 0 || endToken >= tokens.size()) {
            throw new GgufException("the tokenizer's lists do not fit each other");
        }
        int[] letters = letterBytes();
        Map<String, Integer> ids = new HashMap<>();
        bytesOf = new byte[tokens.size()][];
        int most = 1;
        for (int i = 0; i < tokens.size(); i++) {
            if (ids.put(tokens.get(i), i) != null) {
                throw new GgufException("token " + i + " occurs twice");
            }
            bytesOf[i] = types.get(i) == NORMAL ? decode(tokens.get(i), letters) : new byte[0];
            most = Math.max(most, bytesOf[i].length);
        }
        longest = most;
        findBytes(ids, letters);
        readMerges(lines, ids);
        end = endToken;
        open = control(ids, types, "<|im_start|>");
        close = control(ids, types, "<|im_end|>");
    }

    private static void requirePre(GgufFile file) {
        String model = file.require("tokenizer.ggml.model", String.class);
        String pre = file.find("tokenizer.ggml.pre", String.class).orElse("gpt-2");
        if (!model.equals("gpt2") || !List.of("gpt-2", "gpt2", "default").contains(pre)) {
            throw new GgufException(
                    "tokenizer `"
                            + model
                            + "` with `"
                            + pre
                            + "` is not run by this engine, only `gpt2` with `gpt-2`");
        }
    }

    private static int control(Map<String, Integer> ids, List<Integer> types, String token) {
        Integer id = ids.get(token);
        return id != null && types.get(id) == CONTROL ? id : -1;
    }

    /** Index: letter used for a byte in token texts; value: the byte, or -1. */
    private static int[] letterBytes() {
        int[] bytes = new int[512];
        Arrays.fill(bytes, -1);
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
            bytes[printable ? b : next++] = b;
        }
        return bytes;
    }

    private static byte[] decode(String token, int[] letters) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char letter = token.charAt(i);
            if (letter >= letters.length || letters[letter] < 0) {
                throw new GgufException("a token holds a letter that stands for no byte");
            }
            bytes[i] = (byte) letters[letter];
        }
        return bytes;
    }

    private void findBytes(Map<String, Integer> ids, int[] letters) {
        for (int letter = 0; letter < letters.length; letter++) {
            if (letters[letter] >= 0) {
                Integer id = ids.get(String.valueOf((char) letter));
                if (id == null) {
                    throw new GgufException("byte " + letters[letter] + " has no token");
                }
                byteIds[letters[letter]] = id;
            }
        }
    }

    private void readMerges(List<String> lines, Map<String, Integer> ids) {
        for (int rank = 0; rank < lines.size(); rank++) {
            String line = lines.get(rank);
            int space = line.indexOf(' ', 1);
            Integer left = space < 0 ? null : ids.get(line.substring(0, space));
            Integer right = space < 0 ? null : ids.get(line.substring(space + 1));
            Integer both =
                    space < 0
                            ? null
                            : ids.get(line.substring(0, space) + line.substring(space + 1));
            if (left == null || right == null || both == null) {
                throw new GgufException("merge " + rank + " names tokens that are not there");
            }
            merges.putIfAbsent(pair(left, right), new Merge(rank, both));
        }
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    int size() {
        return bytesOf.length;
    }

    /** Most bytes that one token stands for. */
    int longestToken() {
        return longest;
    }

    /** Whether the model ends its answer with this token. */
    boolean ends(int token) {
        return token == end || token == close;
    }

    /** What a token prints; nothing for control tokens. */
    byte[] bytes(int token) {
        return bytesOf[token];
    }

    /** Whether there are control tokens to mark messages with. */
    boolean canChat() {
        return open >= 0 && close >= 0;
    }

    @Override
    public int[] encode(String text) {
        IntList out = new IntList();
        encode(text, out);
        return out.toArray();
    }

    /** The tokens of a conversation in ChatML, ending where the answer begins. */
    int[] chat(List<ChatMessage> messages) {
        IntList out = new IntList();
        for (ChatMessage message : messages) {
            out.add(open);
            encode(message.role().wireName() + "\n" + message.text(), out);
            out.add(close);
            encode("\n", out);
        }
        out.add(open);
        encode("assistant\n", out);
        return out.toArray();
    }

    private void encode(String text, IntList out) {
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            encodeWord(word.group().getBytes(StandardCharsets.UTF_8), out);
        }
    }

    /** Applies the lowest-ranked merge first, leftmost first, until none is left. */
    private void encodeWord(byte[] word, IntList out) {
        int[] ids = new int[word.length];
        int[] next = new int[word.length];
        int[] previous = new int[word.length];
        PriorityQueue<Due> due =
                new PriorityQueue<>((a, b) ->
                        a.rank() != b.rank()
                                ? Integer.compare(a.rank(), b.rank())
                                : Integer.compare(a.left(), b.left()));
        for (int i = 0; i < word.length; i++) {
            ids[i] = byteIds[word[i] & 255];
            next[i] = i + 1 < word.length ? i + 1 : -1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < word.length; i++) {
            offer(due, ids, i, i + 1);
        }
        while (!due.isEmpty()) {
            Due merge = due.poll();
            int left = merge.left();
            int right = merge.right();
            // A place may have been merged away or changed since this was noted.
            if (ids[left] != merge.leftId()
                    || next[left] != right
                    || ids[right] != merge.rightId()) {
                continue;
            }
            ids[left] = merge.id();
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] >= 0) {
                previous[next[left]] = left;
                offer(due, ids, left, next[left]);
            }
            if (previous[left] >= 0) {
                offer(due, ids, previous[left], left);
            }
        }
        for (int i = 0; i >= 0 && i < word.length; i = next[i]) {
            out.add(ids[i]);
        }
    }

    private void offer(PriorityQueue<Due> due, int[] ids, int left, int right) {
        Merge merge = merges.get(pair(ids[left], ids[right]));
        if (merge != null) {
            due.add(new Due(merge.rank(), left, right, merge.id(), ids[left], ids[right]));
        }
    }

    /** The text of tokens, broken characters replaced. */
    String decode(int[] tokens) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int token : tokens) {
            out.writeBytes(bytesOf[token]);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
