package atlas.node.trainer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Byte-level byte-pair encoding in the manner of GPT-2: learned here, and encoded with. */
final class Bpe {
    static final List<String> SPECIAL = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");
    private static final Pattern WORD =
            Pattern.compile(
                    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
                            + "|\\s+(?!\\S)|\\s+");
    private static final Pattern SPECIALS =
            Pattern.compile("<\\|(?:endoftext|im_start|im_end)\\|>");
    private static final char[] BYTE_LETTERS = byteLetters();

    final List<String> tokens = new ArrayList<>();
    final List<String> merges = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, Integer> ranks = new HashMap<>();
    private final Map<String, int[]> known = new HashMap<>();

    private record Word(List<String> parts, int count) {}

    /** Learns merges from the documents until the vocabulary has this size. */
    static Bpe learn(List<String> documents, int vocabulary) {
        Bpe bpe = new Bpe();
        List<Word> words = countWords(documents);
        bpe.tokens.addAll(SPECIAL);
        for (char letter : BYTE_LETTERS) {
            bpe.tokens.add(String.valueOf(letter));
        }
        while (bpe.tokens.size() < vocabulary && bpe.mergeOnce(words)) {
            // each round adds one token
        }
        while (bpe.tokens.size() < vocabulary) {
            bpe.tokens.add("<|unused" + bpe.tokens.size() + "|>");
        }
        for (int i = 0; i < bpe.tokens.size(); i++) {
            bpe.ids.put(bpe.tokens.get(i), i);
        }
        for (int i = 0; i < bpe.merges.size(); i++) {
            bpe.ranks.put(bpe.merges.get(i), i);
        }
        return bpe;
    }

    private static List<Word> countWords(List<String> documents) {
        Map<String, Integer> counts = new TreeMap<>();
        for (String document : documents) {
            for (String word : words(document)) {
                if (!SPECIAL.contains(word)) {
                    counts.merge(word, 1, Integer::sum);
                }
            }
        }
        List<Word> words = new ArrayList<>();
        counts.forEach((word, count) -> words.add(new Word(letters(word), count)));
        return words;
    }

    private boolean mergeOnce(List<Word> words) {
        Map<String, Integer> pairs = new HashMap<>();
        for (Word word : words) {
            List<String> parts = word.parts();
            for (int j = 0; j + 1 < parts.size(); j++) {
                pairs.merge(parts.get(j) + " " + parts.get(j + 1), word.count(), Integer::sum);
            }
        }
        var best =
                pairs.entrySet().stream()
                        .max(
                                Map.Entry.<String, Integer>comparingByValue()
                                        .thenComparing(
                                                Map.Entry.comparingByKey(
                                                        Comparator.naturalOrder())));
        if (best.isEmpty() || best.get().getValue() < 2) {
            return false;
        }
        String pair = best.get().getKey();
        String first = pair.substring(0, pair.indexOf(' '));
        String second = pair.substring(pair.indexOf(' ') + 1);
        merges.add(pair);
        if (!tokens.contains(first + second)) {
            tokens.add(first + second);
        }
        for (Word word : words) {
            List<String> parts = word.parts();
            for (int j = 0; j + 1 < parts.size(); j++) {
                if (parts.get(j).equals(first) && parts.get(j + 1).equals(second)) {
                    parts.set(j, first + second);
                    parts.remove(j + 1);
                }
            }
        }
        return true;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher special = SPECIALS.matcher(text);
        int from = 0;
        while (special.find()) {
            split(text.substring(from, special.start()), words);
            words.add(special.group());
            from = special.end();
        }
        split(text.substring(from), words);
        return words;
    }

    private static void split(String text, List<String> words) {
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            words.add(word.group());
        }
    }

    private static List<String> letters(String word) {
        List<String> letters = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            letters.add(String.valueOf(BYTE_LETTERS[b & 255]));
        }
        return letters;
    }

    private static char[] byteLetters() {
        char[] letters = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
            letters[b] = (char) (printable ? b : next++);
        }
        return letters;
    }

    /** Appends the ids of the text, in which special tokens count as such. */
    void encode(String text, List<Integer> out) {
        for (String word : words(text)) {
            for (int id : known.computeIfAbsent(word, this::encodeWord)) {
                out.add(id);
            }
        }
    }

    private int[] encodeWord(String word) {
        if (SPECIAL.contains(word)) {
            return new int[] {SPECIAL.indexOf(word)};
        }
        List<String> parts = letters(word);
        while (parts.size() > 1) {
            int at = -1;
            int best = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < parts.size(); i++) {
                Integer rank = ranks.get(parts.get(i) + " " + parts.get(i + 1));
                if (rank != null && rank < best) {
                    best = rank;
                    at = i;
                }
            }
            if (at < 0) {
                break;
            }
            parts.set(at, parts.get(at) + parts.remove(at + 1));
        }
        return parts.stream().mapToInt(ids::get).toArray();
    }
}
