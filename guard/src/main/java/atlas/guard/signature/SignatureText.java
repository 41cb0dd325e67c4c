package atlas.guard.signature;

import atlas.core.crypto.Hashes;
import atlas.guard.text.Folding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Reads the signature list.
 *
 * <pre>
 * words NAME: phrase | phrase* | ^phrase     * lets the word go on, ^ wants the start of a line
 * family ID SEVERITY [decisive]: = phrase | phrase
 * family ID SEVERITY [decisive]: NAME 20 NAME 30 NAME ; NAME 10 NAME
 * </pre>
 *
 * Lines that begin with a blank continue the one before; # begins a comment line.
 */
final class SignatureText {
    private final String version;
    private final List<Pattern> patterns = new ArrayList<>();
    private final List<String> wordClasses = new ArrayList<>();
    private final List<Family> families = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();

    private SignatureText(String version) {
        this.version = version;
    }

    static SignatureText resource() {
        try (InputStream in =
                Objects.requireNonNull(
                        SignatureText.class.getResourceAsStream("/atlas/guard/signatures.txt"))) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("reading the signatures of this build", e);
        }
    }

    static SignatureText parse(String text) {
        SignatureText read = new SignatureText(Hashes.sha256(text).hex().substring(0, 8));
        List<String> statements = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith(" ")) {
                statements.set(statements.size() - 1, statements.getLast() + " " + line.strip());
            } else {
                statements.add(line.strip());
            }
        }
        statements.stream().filter(s -> s.startsWith("words ")).forEach(read::words);
        statements.stream().filter(s -> !s.startsWith("words ")).forEach(read::family);
        return read;
    }

    private void words(String statement) {
        int colon = statement.indexOf(':');
        phrases(statement.substring("words ".length(), colon), statement.substring(colon + 1));
    }

    private int phrases(String name, String list) {
        int number = wordClasses.size();
        wordClasses.add(name);
        for (String item : list.split(" \\| ")) {
            String phrase = item.strip();
            boolean lineStart = phrase.startsWith("^");
            boolean open = phrase.endsWith("*") && phrase.length() > 1;
            String folded =
                    Folding.fold(
                            phrase.substring(lineStart ? 1 : 0, phrase.length() - (open ? 1 : 0)));
            boolean apart = !runsTogether(folded);
            patterns.add(
                    new Pattern(
                            folded,
                            number,
                            apart && Character.isLetterOrDigit(folded.charAt(0)),
                            apart
                                    && !open
                                    && Character.isLetterOrDigit(
                                            folded.charAt(folded.length() - 1)),
                            lineStart));
        }
        return number;
    }

    private void family(String statement) {
        int colon = statement.indexOf(':');
        String[] head = statement.substring(0, colon).split(" ");
        if (!head[0].equals("family")) {
            throw new IllegalArgumentException("unknown signature statement `" + head[0] + "`");
        }
        int number = families.size();
        families.add(new Family(head[1], Integer.parseInt(head[2]), head.length > 3));
        String body = statement.substring(colon + 1).strip();
        if (body.startsWith("=")) {
            int words = phrases("=" + head[1], body.substring(1));
            rules.add(new Rule(rules.size(), number, List.of(words), List.of()));
            return;
        }
        for (String sequence : body.split(" ; ")) {
            rules.add(rule(number, sequence.strip().split(" +")));
        }
    }

    private Rule rule(int family, String[] tokens) {
        List<Integer> classes = new ArrayList<>();
        List<Integer> gaps = new ArrayList<>();
        for (int i = 0; i < tokens.length; i++) {
            if (i % 2 == 1) {
                gaps.add(Integer.parseInt(tokens[i]));
                continue;
            }
            int words = wordClasses.indexOf(tokens[i]);
            if (words < 0) {
                throw new IllegalArgumentException("unknown word class `" + tokens[i] + "`");
            }
            classes.add(words);
        }
        return new Rule(rules.size(), family, List.copyOf(classes), List.copyOf(gaps));
    }

    /** Whether a script writes words without blanks between them. */
    private static boolean runsTogether(String text) {
        return text.codePoints()
                .anyMatch(c ->
                        switch (Character.UnicodeScript.of(c)) {
                            case HAN, HIRAGANA, KATAKANA, HANGUL, THAI -> true;
                            default -> false;
                        });
    }

    String version() {
        return version;
    }

    List<Pattern> patterns() {
        return patterns;
    }

    List<String> wordClasses() {
        return wordClasses;
    }

    List<Family> families() {
        return families;
    }

    List<Rule> rules() {
        return rules;
    }
}
