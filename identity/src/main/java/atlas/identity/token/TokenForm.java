package atlas.identity.token;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters of a token request (RFC 6749 §3.2): form-encoded UTF-8, none twice but those that
 * may be (RFC 8693 §2.1), an empty one as good as none. Values may be secret and are not printed.
 */
final class TokenForm {
    private static final Set<String> MAY_REPEAT = Set.of("resource", "audience");
    private static final int MAX_BYTES = 64 << 10;
    private static final int MAX_PARAMETERS = 64;

    private final Map<String, List<String>> values;

    private TokenForm(Map<String, List<String>> values) {
        this.values = values;
    }

    static TokenForm empty() {
        return new TokenForm(Map.of());
    }

    /** Reads a body; empty when it can be read in more than one way, or in none. */
    static Optional<TokenForm> parse(byte[] body) {
        if (body.length > MAX_BYTES) {
            return Optional.empty();
        }
        String text = new String(body, StandardCharsets.ISO_8859_1);
        Map<String, List<String>> values = new LinkedHashMap<>();
        Set<String> names = new HashSet<>();
        if (text.isEmpty()) {
            return Optional.of(empty());
        }
        String[] pairs = text.split("&", -1);
        if (pairs.length > MAX_PARAMETERS) {
            return Optional.empty();
        }
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            Optional<String> name = decode(equals < 0 ? "" : pair.substring(0, equals));
            Optional<String> value = decode(equals < 0 ? "" : pair.substring(equals + 1));
            if (name.isEmpty() || name.get().isEmpty() || value.isEmpty()) {
                return Optional.empty();
            }
            if (!names.add(name.get()) && !MAY_REPEAT.contains(name.get())) {
                return Optional.empty();
            }
            if (!value.get().isEmpty()) {
                values.computeIfAbsent(name.get(), _ -> new ArrayList<>()).add(value.get());
            }
        }
        return Optional.of(new TokenForm(values));
    }

    /** One application/x-www-form-urlencoded value; empty when it is not one. */
    static Optional<String> decode(String encoded) {
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                int high = digit(encoded, i + 1);
                int low = high < 0 ? -1 : digit(encoded, i + 2);
                if (low < 0) {
                    return Optional.empty();
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else if (c == '+') {
                bytes[length++] = ' ';
            } else if (c <= ' ' || c >= 127 || c == '=') {
                return Optional.empty();
            } else {
                bytes[length++] = (byte) c;
            }
        }
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, 0, length))
                            .toString();
            return text.chars().anyMatch(Character::isISOControl)
                    ? Optional.empty()
                    : Optional.of(text);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static int digit(String text, int at) {
        return at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
    }

    Optional<String> one(String name) {
        List<String> all = values.getOrDefault(name, List.of());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
    }

    List<String> all(String name) {
        return List.copyOf(values.getOrDefault(name, List.of()));
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Names only. */
    @Override
    public String toString() {
        return "TokenForm" + values.keySet();
    }
}
