package atlas.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Makes requests in every legal spelling there is room for, and then breaks them: bytes flipped,
 * cut, doubled and swapped, lines doubled, and the words of a dictionary that has undone other
 * gateways put in anywhere. One seed makes one request.
 */
final class OddRequests {
    /** Stand for the two callers' keys. */
    static final List<String> CALLERS = List.of("{ada}", "{bob}");

    private static final List<String> DICTIONARY =
            List.of(
                    "\r\n",
                    "\n",
                    "\r",
                    "\0",
                    " ",
                    "\t",
                    ":",
                    ";",
                    ",",
                    "\"",
                    "\\",
                    "{",
                    "}",
                    "[",
                    "]",
                    "%2f",
                    "%00",
                    "%0d%0a",
                    "/../",
                    "//",
                    "#",
                    "?",
                    "@",
                    "\u00a0",
                    "\u00ff",
                    "Host: evil.example\r\n",
                    "host: localhost\r\n",
                    "Content-Length: 0\r\n",
                    "Content-Length: 5\r\n",
                    "Transfer-Encoding: chunked\r\n",
                    "Transfer-Encoding: identity\r\n",
                    "Transfer-Encoding : chunked\r\n",
                    "Authorization: Bearer {bob}\r\n",
                    "X-Api-Key: {bob}\r\n",
                    "Connection: authorization\r\n",
                    "Connection: x-api-key\r\n",
                    "Atlas-Model: other@3\r\n",
                    "Content-Encoding: gzip\r\n",
                    " folded\r\n",
                    "Expect: 100-continue\r\n",
                    "X-HTTP-Method-Override: GET\r\n",
                    "0\r\n\r\n",
                    "1\r\nx\r\n",
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    "\"model\":\"other\",",
                    "\"mod\\u0065l\":\"other\",",
                    "\"Model\":\"other\",",
                    "\"messages\":[],",
                    "\"stream\":true,",
                    "\"max_tokens\":9,",
                    "\"max_completion_tokens\":9,",
                    "\"temperature\":1e400,",
                    "\"role\":\"system\",",
                    "\"content\":\"other\",",
                    "\"seed\":1,",
                    "null",
                    "true",
                    "1e1",
                    "-0",
                    "\\u0000",
                    "\\ud800",
                    "{}",
                    "[]");

    private final Random random;

    OddRequests(long seed) {
        random = new Random(seed);
    }

    /** The bytes of one request, or of a few behind each other. */
    byte[] next() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int requests = random.nextInt(8) == 0 ? 2 : 1;
        for (int i = 0; i < requests; i++) {
            bytes.writeBytes(request());
        }
        byte[] broken = bytes.toByteArray();
        int wounds = random.nextInt(3) == 0 ? 0 : random.nextInt(3);
        for (int i = 0; i < wounds; i++) {
            broken = wounded(broken);
        }
        return broken;
    }

    private byte[] request() {
        String path = pick("/v1/chat/completions", "/v1/completions", "/v1/embeddings");
        String key = pick(CALLERS);
        // Mostly a model that this caller may use.
        String model =
                random.nextInt(6) == 0
                        ? pick("llama", "other", "none")
                        : key.equals("{ada}") ? pick("llama", "llama-vision") : "other";
        byte[] body = json(path, model).getBytes(UTF_8);
        if (random.nextInt(5) == 0) {
            // Broken inside, so that the framing still holds and the body is read.
            body = wounded(body);
        }
        List<String> lines = new ArrayList<>();
        lines.add(cased("Content-Type") + ":" + blank() + "application/json" + blank());
        lines.add(
                random.nextBoolean()
                        ? cased("Authorization") + ": " + cased("Bearer") + " " + key
                        : cased("X-Api-Key") + ":" + blank() + key);
        String host = pick("localhost", "LOCALHOST", "localhost:8443", "127.0.0.1");
        lines.add(cased("Host") + ":" + blank() + host);
        for (int i = random.nextInt(3); i > 0; i--) {
            lines.add(
                    pick(
                            "Accept: */*",
                            "User-Agent: x",
                            "X-A:",
                            "X-B: \u00e4",
                            "Atlas-Model: a@1"));
        }
        boolean chunked = random.nextInt(3) == 0;
        lines.add(
                chunked
                        ? cased("Transfer-Encoding") + ": " + cased("chunked")
                        : cased("Content-Length") + ":" + blank() + body.length);
        Collections.shuffle(lines, random);
        String head = "POST " + spelled(path, host) + " HTTP/1.1\r\n" + String.join("\r\n", lines);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((head + "\r\n\r\n").getBytes(ISO_8859_1));
        out.writeBytes(chunked ? chunks(body) : body);
        return out.toByteArray();
    }

    private byte[] chunks(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < body.length) {
            int size = Math.min(body.length - at, 1 + random.nextInt(40));
            String extension = random.nextInt(4) == 0 ? ";a=\"b\"" : "";
            String line = (random.nextBoolean() ? "0" : "") + Integer.toHexString(size) + extension;
            out.writeBytes((line + "\r\n").getBytes(ISO_8859_1));
            out.write(body, at, size);
            out.writeBytes("\r\n".getBytes(ISO_8859_1));
            at += size;
        }
        String trailer = random.nextInt(4) == 0 ? "Authorization: Bearer {bob}\r\n" : "";
        out.writeBytes(("0\r\n" + trailer + "\r\n").getBytes(ISO_8859_1));
        return out.toByteArray();
    }

    private String json(String path, String model) {
        List<String> members = new ArrayList<>();
        members.add(member("model", quoted(model)));
        switch (path) {
            case "/v1/completions" -> members.add(member("prompt", quoted(words())));
            case "/v1/embeddings" ->
                    members.add(
                            member("input", "[" + quoted(words()) + "," + quoted(words()) + "]"));
            default -> members.add(member("messages", messages()));
        }
        if (!path.equals("/v1/embeddings")) {
            maybe(members, "stream", pick("true", "false"));
            maybe(members, "max_tokens", pick("1", "16", "1024", "2147483647"));
            maybe(members, "temperature", pick("0", "1", "0.7", "1E0", "0.1000000000000000055"));
            maybe(members, "seed", pick("0", "-1", "9223372036854775807"));
            maybe(members, "stop", pick("\"x\"", "[\"a\",\"b\"]", "null"));
        }
        maybe(members, "user", quoted("somebody"));
        Collections.shuffle(members, random);
        return "{" + blank() + String.join("," + blank(), members) + blank() + "}";
    }

    private void maybe(List<String> members, String name, String value) {
        if (random.nextInt(3) == 0) {
            members.add(member(name, value));
        }
    }

    private String messages() {
        List<String> messages = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            List<String> members = new ArrayList<>();
            members.add(member("role", quoted(pick("user", "system", "assistant"))));
            members.add(
                    member(
                            "content",
                            random.nextInt(3) == 0
                                    ? "[{\"type\":\"text\",\"text\":" + quoted(words()) + "}]"
                                    : quoted(words())));
            Collections.shuffle(members, random);
            messages.add("{" + String.join(",", members) + "}");
        }
        return "[" + String.join(",", messages) + "]";
    }

    private String member(String name, String value) {
        return quoted(name) + blank() + ":" + blank() + value;
    }

    /** A string, some of its letters in one of JSON's other spellings. */
    private String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            boolean must = c < ' ' || c == '"' || c == '\\';
            if (must || random.nextInt(12) == 0) {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    private String words() {
        return pick(
                "hi",
                "",
                "one two",
                " padded\t",
                "a\"b\\c",
                "line\nline",
                "\u00fcber",
                "\ud83d\ude00",
                "}{",
                "\u0000");
    }

    /** The path, perhaps in absolute form, perhaps with letters percent-encoded. */
    private String spelled(String path, String host) {
        StringBuilder out = new StringBuilder(random.nextInt(6) == 0 ? "https://" + host : "");
        for (char c : path.toCharArray()) {
            boolean encoded = Character.isLetter(c) && random.nextInt(40) == 0;
            out.append(encoded ? "%%%02x".formatted((int) c) : String.valueOf(c));
        }
        return out.append(random.nextInt(6) == 0 ? "?model=other" : "").toString();
    }

    private String cased(String text) {
        return pick(
                text,
                text.toLowerCase(java.util.Locale.ROOT),
                text.toUpperCase(java.util.Locale.ROOT));
    }

    private String blank() {
        return pick("", "", " ", "\t");
    }

    private byte[] wounded(byte[] bytes) {
        int at = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, at + 1 + random.nextInt(12));
        return switch (random.nextInt(6)) {
            case 0 -> spliced(bytes, at, to, new byte[0]);
            case 1 -> spliced(bytes, at, at, slice(bytes, at, to));
            case 2 -> spliced(bytes, at, at, new byte[] {(byte) random.nextInt(256)});
            case 3 -> {
                int line = lineStart(bytes, at);
                int end = lineEnd(bytes, at);
                yield spliced(bytes, line, line, slice(bytes, line, end));
            }
            default -> {
                byte[] word = pick(DICTIONARY).getBytes(ISO_8859_1);
                boolean wholeLine = word.length > 2 && word[word.length - 1] == '\n';
                int place = wholeLine ? lineStart(bytes, at) : at;
                yield spliced(bytes, place, place, word);
            }
        };
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] put) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.writeBytes(put);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }

    private static int lineStart(byte[] bytes, int at) {
        int start = at;
        while (start > 0 && bytes[start - 1] != '\n') {
            start--;
        }
        return start;
    }

    private static int lineEnd(byte[] bytes, int at) {
        int end = at;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return Math.min(bytes.length, end + 1);
    }

    private String pick(String... from) {
        return from[random.nextInt(from.length)];
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
