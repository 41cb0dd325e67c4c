package atlas.vault.kek;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The name of a key encryption key: {@code scheme:place?name=value&…}. It says where secrets lie
 * and never holds one, so that it may be logged, shown and stored.
 *
 * @param text as it was given
 * @param place between the scheme and the question mark, not decoded
 * @param parameters percent-decoded
 */
record KekUri(String text, String scheme, String place, Map<String, String> parameters) {
    private static final Set<String> SECRETS =
            Set.of(
                    "pin-value",
                    "pin",
                    "token",
                    "passphrase",
                    "password",
                    "client-secret",
                    "secret");

    KekUri {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /**
     * Reads a name.
     *
     * @param known the parameters its scheme has
     * @throws IllegalArgumentException when it is none, saying what is wrong and how to mend it
     */
    static KekUri parse(String text, Set<String> known) {
        int colon = text.indexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(
                    "`"
                            + text
                            + "` names no key; write `file:PATH`, `pkcs11:token=…;object=…` or"
                            + " another");
        }
        // It is a line of the keyring, and one of logs.
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the name of a key is one line, without control characters");
        }
        int question = text.indexOf('?', colon);
        String place = text.substring(colon + 1, question < 0 ? text.length() : question);
        Map<String, String> parameters = new LinkedHashMap<>();
        if (question >= 0) {
            for (String pair : text.substring(question + 1).split("&", -1)) {
                add(parameters, pair, known);
            }
        }
        if (place.isEmpty()) {
            throw new IllegalArgumentException("`" + text + "` does not say where the key is");
        }
        return new KekUri(text, text.substring(0, colon), place, parameters);
    }

    private static void add(Map<String, String> parameters, String pair, Set<String> known) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        if (SECRETS.contains(name)) {
            throw new IllegalArgumentException(
                    "`"
                            + name
                            + "` would write a secret where everybody reads it; name a file that"
                            + " holds it, one of "
                            + known);
        }
        if (!known.contains(name)) {
            throw new IllegalArgumentException(
                    "there is no `"
                            + name
                            + "` here; there are "
                            + known.stream().sorted().toList());
        }
        if (equals < 0 || equals == pair.length() - 1) {
            throw new IllegalArgumentException("`" + name + "` needs a value: `" + name + "=…`");
        }
        if (parameters.put(name, decoded(pair.substring(equals + 1))) != null) {
            throw new IllegalArgumentException("`" + name + "` is given twice");
        }
    }

    /** Undoes percent-encoding (RFC 3986 section 2.1); a plus sign stays one. */
    static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "`" + text + "` is not percent-encoded as it should be", e);
        }
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    String need(String name) {
        return get(name)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "`"
                                        + scheme
                                        + ":` needs `"
                                        + name
                                        + "`: `"
                                        + scheme
                                        + ":…?"
                                        + name
                                        + "=…`"));
    }

    /** A file that a parameter names; a relative one lies below {@code base}. */
    Optional<Path> file(String name, Path base) {
        return get(name)
                .map(value -> base.resolve(value.startsWith("file:") ? value.substring(5) : value));
    }

    Path needFile(String name, Path base) {
        return base.resolve(
                file(name, base)
                        .orElseThrow(() -> {
                            need(name);
                            return new IllegalArgumentException(name);
                        }));
    }
}
