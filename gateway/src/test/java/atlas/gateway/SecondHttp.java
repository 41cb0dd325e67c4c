package atlas.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A second reader of HTTP/1.1 requests, written from RFC 9112 alone and sharing nothing with the
 * edge, so that what two readers see of the same bytes can be compared. Reads what it is sure of
 * and stops at the first doubt.
 */
final class SecondHttp {
    private final byte[] bytes;
    private int at;

    private SecondHttp(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A request as this reader sees it; names in lower case. */
    record Request(String method, String target, List<String[]> fields, byte[] body) {
        List<String> all(String name) {
            return fields.stream().filter(f -> f[0].equals(name)).map(f -> f[1]).toList();
        }

        Optional<String> one(String name) {
            List<String> values = all(name);
            return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
        }

        /** The path decoded once, without the query and without scheme and host. */
        String path() {
            String path = target;
            if (path.startsWith("https://")) {
                int slash = path.indexOf('/', 8);
                path = slash < 0 ? "/" : path.substring(slash);
            }
            int mark = path.indexOf('?');
            path = mark < 0 ? path : path.substring(0, mark);
            StringBuilder decoded = new StringBuilder();
            for (int i = 0; i < path.length(); i++) {
                if (path.charAt(i) == '%' && i + 2 < path.length()) {
                    decoded.append((char) Integer.parseInt(path.substring(i + 1, i + 3), 16));
                    i += 2;
                } else {
                    decoded.append(path.charAt(i));
                }
            }
            return decoded.toString();
        }
    }

    /** The requests in these bytes, up to the first that this reader is not sure of. */
    static List<Request> requests(byte[] bytes) {
        SecondHttp reader = new SecondHttp(bytes);
        List<Request> requests = new ArrayList<>();
        try {
            while (reader.at < bytes.length) {
                requests.add(reader.request());
            }
        } catch (Doubt e) {
            return requests;
        }
        return requests;
    }

    private static final class Doubt extends Exception {
        private static final long serialVersionUID = 1L;

        Doubt() {
            super("not read further", null, false, false);
        }
    }

    private Request request() throws Doubt {
        String first = line();
        if (first.isEmpty()) {
            first = line();
        }
        String[] parts = first.split(" ", -1);
        if (parts.length != 3 || !parts[2].equals("HTTP/1.1") || !token(parts[0])) {
            throw new Doubt();
        }
        List<String[]> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            fields.add(field(line));
        }
        Request head = new Request(parts[0], parts[1], fields, new byte[0]);
        return new Request(parts[0], parts[1], fields, body(head));
    }

    private byte[] body(Request head) throws Doubt {
        List<String> codings = head.all("transfer-encoding");
        List<String> lengths = head.all("content-length");
        if (codings.size() + lengths.size() > 1) {
            throw new Doubt();
        }
        if (codings.size() == 1) {
            if (!codings.getFirst().toLowerCase(Locale.ROOT).equals("chunked")) {
                throw new Doubt();
            }
            return chunks();
        }
        if (lengths.isEmpty()) {
            return new byte[0];
        }
        if (!lengths.getFirst().matches("[0-9]{1,9}")) {
            throw new Doubt();
        }
        return take(Integer.parseInt(lengths.getFirst()));
    }

    private byte[] chunks() throws Doubt {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String line = line();
            int semicolon = line.indexOf(';');
            String size = semicolon < 0 ? line : line.substring(0, semicolon);
            if (!size.matches("[0-9A-Fa-f]{1,7}")) {
                throw new Doubt();
            }
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
                    field(trailer);
                }
                return body.toByteArray();
            }
            body.writeBytes(take(length));
            if (!line().isEmpty()) {
                throw new Doubt();
            }
        }
    }

    private byte[] take(int length) throws Doubt {
        if (length > bytes.length - at) {
            throw new Doubt();
        }
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /** Up to CRLF; a CR or LF by itself is a doubt. */
    private String line() throws Doubt {
        int end = at;
        while (end < bytes.length && bytes[end] != '\r' && bytes[end] != '\n') {
            end++;
        }
        if (end + 1 >= bytes.length || bytes[end] != '\r' || bytes[end + 1] != '\n') {
            throw new Doubt();
        }
        String line = new String(bytes, at, end - at, ISO_8859_1);
        at = end + 2;
        return line;
    }

    private static String[] field(String line) throws Doubt {
        int colon = line.indexOf(':');
        if (colon < 1 || !token(line.substring(0, colon))) {
            throw new Doubt();
        }
        String value = line.substring(colon + 1);
        int from = 0;
        int to = value.length();
        while (from < to && " \t".indexOf(value.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && " \t".indexOf(value.charAt(to - 1)) >= 0) {
            to--;
        }
        return new String[] {
            line.substring(0, colon).toLowerCase(Locale.ROOT), value.substring(from, to)
        };
    }

    private static boolean token(String text) {
        return text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    }
}
