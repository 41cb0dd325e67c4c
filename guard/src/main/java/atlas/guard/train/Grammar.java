package atlas.guard.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences by the alternatives of {@code grammar.txt}. Names refer to names; none refers to
 * itself.
 */
final class Grammar {
    private static final Pattern NAME = Pattern.compile("\\{([a-z][a-z0-9]*(?:\\.[a-z]+)?)}");
    private static final String PLACE = "{0}";

    private final Map<String, List<String>> alternatives;

    private Grammar(Map<String, List<String>> alternatives) {
        this.alternatives = alternatives;
    }

    static Grammar shipped() {
        try (InputStream in =
                Objects.requireNonNull(Grammar.class.getResourceAsStream("grammar.txt"))) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("reading the grammar of this build", e);
        }
    }

    static Grammar parse(String text) {
        Map<String, List<String>> alternatives = new HashMap<>();
        for (String line : text.split("\n")) {
            int equals = line.indexOf(" = ");
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (equals < 0) {
                throw new IllegalArgumentException("`" + line + "` is not `name = this | that`");
            }
            List<String> parts = new ArrayList<>();
            for (String part : line.substring(equals + 3).split(" \\| ")) {
                parts.add(part.strip().replace("\\n", "\n").replace("\\p", "|").replace("\\e", ""));
            }
            alternatives.put(line.substring(0, equals), List.copyOf(parts));
        }
        return new Grammar(Map.copyOf(alternatives));
    }

    /** One sentence of this name. */
    String say(String name, RandomGenerator random) {
        return say(name, "", random);
    }

    /** One sentence of this name with {@code filling} where it leaves a place. */
    String say(String name, String filling, RandomGenerator random) {
        List<String> choices = alternatives.get(name);
        if (choices == null) {
            throw new IllegalArgumentException("the grammar has no `" + name + "`");
        }
        String choice = choices.get(random.nextInt(choices.size()));
        StringBuilder said = new StringBuilder();
        Matcher names = NAME.matcher(choice);
        int from = 0;
        while (names.find()) {
            said.append(choice, from, names.start()).append(say(names.group(1), random));
            from = names.end();
        }
        return said.append(choice.substring(from)).toString().replace(PLACE, filling);
    }

    /** The languages that have alternatives of this name. */
    List<String> languages(String name) {
        Set<String> found = new TreeSet<>();
        for (String each : alternatives.keySet()) {
            if (each.startsWith(name + ".")) {
                found.add(each.substring(name.length() + 1));
            }
        }
        return List.copyOf(found);
    }
}
