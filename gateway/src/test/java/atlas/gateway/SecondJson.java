package atlas.gateway;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A second reader of JSON, written from RFC 8259 alone and sharing nothing with the product's.
 * Objects are maps, arrays lists, numbers {@link BigDecimal}, null an empty {@link Optional}.
 */
final class SecondJson {
    private final String text;
    private int at;

    private SecondJson(String text) {
        this.text = text;
    }

    /** The value, or nothing when this reader is not sure of it. */
    static Optional<Object> read(byte[] bytes) {
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(bytes))
                            .toString();
            SecondJson reader = new SecondJson(text);
            Object value = reader.value();
            reader.blanks();
            return reader.at == text.length() ? Optional.of(value) : Optional.empty();
        } catch (CharacterCodingException | Doubt | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static final class Doubt extends Exception {
        private static final long serialVersionUID = 1L;

        Doubt() {
            super("not read", null, false, false);
        }
    }

    private Object value() throws Doubt {
        blanks();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", Optional.empty());
            default -> number();
        };
    }

    private Map<String, Object> object() throws Doubt {
        Map<String, Object> members = new LinkedHashMap<>();
        expect('{');
        blanks();
        if (peek() == '}') {
            expect('}');
            return members;
        }
        while (true) {
            blanks();
            String name = string();
            blanks();
            expect(':');
            if (members.put(name, value()) != null) {
                throw new Doubt();
            }
            blanks();
            if (peek() == '}') {
                expect('}');
                return members;
            }
            expect(',');
        }
    }

    private List<Object> array() throws Doubt {
        List<Object> elements = new ArrayList<>();
        expect('[');
        blanks();
        if (peek() == ']') {
            expect(']');
            return elements;
        }
        while (true) {
            elements.add(value());
            blanks();
            if (peek() == ']') {
                expect(']');
                return elements;
            }
            expect(',');
        }
    }

    private String string() throws Doubt {
        StringBuilder out = new StringBuilder();
        expect('"');
        while (peek() != '"') {
            char c = text.charAt(at++);
            if (c < ' ') {
                throw new Doubt();
            }
            out.append(c == '\\' ? escaped() : c);
        }
        expect('"');
        return out.toString();
    }

    private char escaped() throws Doubt {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9A-Fa-f]+")) {
                    throw new Doubt();
                }
                at += 4;
                yield (char) Integer.parseInt(text, at - 4, at, 16);
            }
            default -> throw new Doubt();
        };
    }

    private BigDecimal number() throws Doubt {
        int from = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        if (!number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")) {
            throw new Doubt();
        }
        return new BigDecimal(number);
    }

    private Object word(String word, Object meaning) throws Doubt {
        if (!text.startsWith(word, at)) {
            throw new Doubt();
        }
        at += word.length();
        return meaning;
    }

    private char peek() throws Doubt {
        if (at >= text.length()) {
            throw new Doubt();
        }
        return text.charAt(at);
    }

    private void expect(char c) throws Doubt {
        if (peek() != c) {
            throw new Doubt();
        }
        at++;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
