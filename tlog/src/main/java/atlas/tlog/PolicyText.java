package atlas.tlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of a {@link WitnessPolicy}. Octets beyond ASCII are opaque, so names are compared
 * byte by byte whatever they are meant to spell.
 */
final class PolicyText {
    private static final int MOST_BYTES = 1 << 18;
    private static final String NONE = "none";

    private final String text;
    private final List<WitnessPolicy.Log> logs = new ArrayList<>();
    private final Map<String, WitnessPolicy.Witness> witnesses = new LinkedHashMap<>();
    private final Map<String, WitnessPolicy.Group> groups = new LinkedHashMap<>();
    private final Set<String> members = new HashSet<>();
    private @Nullable String quorum;

    PolicyText(byte[] file) throws MalformedException {
        if (file.length > MOST_BYTES) {
            throw new MalformedException("a policy file has at most 256 KiB");
        }
        for (byte octet : file) {
            boolean low = octet >= 0 && octet < 0x20;
            if ((low && octet != '\t' && octet != '\n') || octet == 0x7f) {
                throw new MalformedException("the policy file holds a control character");
            }
        }
        text = new String(file, StandardCharsets.ISO_8859_1);
    }

    WitnessPolicy read() throws MalformedException {
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            try {
                line(words(line));
            } catch (MalformedException e) {
                throw new MalformedException("line " + number + ": " + e.getMessage());
            }
        }
        String decided = quorum;
        if (decided == null) {
            throw new MalformedException("the policy names no quorum; `quorum none` asks for none");
        }
        return new WitnessPolicy(logs, witnesses, groups, decided);
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(line, " \t");
        while (tokens.hasMoreTokens()) {
            words.add(tokens.nextToken());
        }
        return words;
    }

    private void line(List<String> words) throws MalformedException {
        if (words.isEmpty() || words.getFirst().startsWith("#")) {
            return;
        }
        switch (words.getFirst()) {
            case "log" -> log(words);
            case "witness" -> witness(words);
            case "group" -> group(words);
            case "quorum" -> quorum(words);
            default ->
                    throw new MalformedException(
                            "`"
                                    + words.getFirst()
                                    + "` is not one of `log`, `witness`, `group` and `quorum`");
        }
    }

    private void log(List<String> words) throws MalformedException {
        if (words.size() < 2 || words.size() > 3) {
            throw new MalformedException("a log is `log vkey [url]`");
        }
        NoteVerifierKey key = NoteVerifierKey.parse(utf8(words.get(1)));
        if (logs.stream().anyMatch(log -> log.key().samePublicKey(key))) {
            throw new MalformedException("the key of `" + key.name() + "` is given twice");
        }
        logs.add(new WitnessPolicy.Log(key, url(words, 2)));
    }

    private void witness(List<String> words) throws MalformedException {
        if (words.size() < 3 || words.size() > 4) {
            throw new MalformedException("a witness is `witness name vkey [url]`");
        }
        String name = fresh(words.get(1));
        NoteVerifierKey key = NoteVerifierKey.parse(utf8(words.get(2)));
        if (!key.timestamped()) {
            throw new MalformedException(
                    "the key of `" + name + "` does not make cosignatures; it is a log's key");
        }
        if (witnesses.values().stream().anyMatch(w -> w.key().samePublicKey(key))) {
            throw new MalformedException("the key of `" + name + "` is given twice");
        }
        witnesses.put(name, new WitnessPolicy.Witness(name, key, url(words, 3)));
    }

    private static Optional<String> url(List<String> words, int at) throws MalformedException {
        return words.size() > at ? Optional.of(utf8(words.get(at))) : Optional.empty();
    }

    private void group(List<String> words) throws MalformedException {
        if (words.size() < 4) {
            throw new MalformedException("a group is `group name all|any|k member...`");
        }
        String name = fresh(words.get(1));
        List<String> named = words.subList(3, words.size());
        for (String member : named) {
            defined(member);
            if (!members.add(member)) {
                throw new MalformedException("`" + member + "` is a member twice");
            }
        }
        long threshold =
                switch (words.get(2)) {
                    case "any" -> 1;
                    case "all" -> named.size();
                    default -> StrictText.decimal(words.get(2), "the threshold");
                };
        if (threshold < 1 || threshold > named.size()) {
            throw new MalformedException(
                    "the threshold of `" + name + "` is between 1 and " + named.size());
        }
        groups.put(name, new WitnessPolicy.Group((int) threshold, List.copyOf(named)));
    }

    private void quorum(List<String> words) throws MalformedException {
        if (words.size() != 2) {
            throw new MalformedException("a quorum is `quorum name`");
        }
        if (quorum != null) {
            throw new MalformedException("there is a quorum already");
        }
        String name = words.get(1);
        if (!name.equals(NONE)) {
            defined(name);
        }
        quorum = name;
    }

    private String fresh(String name) throws MalformedException {
        if (name.equals(NONE) || witnesses.containsKey(name) || groups.containsKey(name)) {
            throw new MalformedException("the name `" + utf8(name) + "` is taken");
        }
        return name;
    }

    private void defined(String name) throws MalformedException {
        if (!witnesses.containsKey(name) && !groups.containsKey(name)) {
            throw new MalformedException("`" + utf8(name) + "` is not defined on a line before");
        }
    }

    private static String utf8(String opaque) throws MalformedException {
        return StrictText.utf8(opaque.getBytes(StandardCharsets.ISO_8859_1), "the word");
    }
}
