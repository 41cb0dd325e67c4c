package atlas.control.api;

import atlas.core.crypto.Hashes;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The console's static files: the one thing on this port that answers without a credential. They
 * hold no data, are the same for everybody, and are the fixed list below; nothing is looked up.
 */
public final class ConsoleFiles {
    static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                    + " img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'; require-trusted-types-for 'script';"
                    + " trusted-types 'none'";

    private static final String FOLDER = "/atlas/control/console/";
    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "svg", "image/svg+xml");

    private final Map<String, File> files = new TreeMap<>();

    private record File(String type, String tag, byte[] bytes) {}

    /** Reads the files this build carries. */
    public ConsoleFiles() {
        for (String name : FileNames.ALL) {
            byte[] bytes = resource(name);
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            if (type == null) {
                throw new IllegalStateException("a console file of unknown type: " + name);
            }
            String tag = "\"" + Hashes.sha256(bytes).hex().substring(0, 32) + "\"";
            files.put(
                    name.equals("index.html") ? "/" : "/console/" + name,
                    new File(type, tag, bytes));
        }
    }

    /** The fixed list; a file not named here is not served. */
    private static final class FileNames {
        private static final String[] ALL = {
            "index.html",
            "console.css",
            "icon.svg",
            "app.js",
            "api.js",
            "activity.js",
            "charts.js",
            "dom.js",
            "receipt-verifier.js",
            "receipts.js",
            "views.js"
        };
    }

    /** Answers when the request is for one of the files; false when it is for anything else. */
    boolean serve(Exchange exchange) {
        File file = files.get(exchange.path());
        boolean head = exchange.method().equals("HEAD");
        if (file == null
                || !exchange.query().isEmpty()
                || !(head || exchange.method().equals("GET"))) {
            return false;
        }
        Headers headers =
                Headers.of(
                        "content-type", file.type(),
                        "content-security-policy", POLICY,
                        "x-content-type-options", "nosniff",
                        "referrer-policy", "no-referrer",
                        "cross-origin-opener-policy", "same-origin",
                        "cross-origin-resource-policy", "same-origin",
                        "cache-control", "no-cache",
                        "etag", file.tag());
        boolean same =
                exchange.headers().first("if-none-match").equals(java.util.Optional.of(file.tag()));
        exchange.respond(same ? 304 : 200, headers, same || head ? new byte[0] : file.bytes());
        return true;
    }

    /** What it answers, as {@code METHOD /path}. */
    List<String> routes() {
        return files.keySet().stream()
                .flatMap(path -> Stream.of("GET " + path, "HEAD " + path))
                .toList();
    }

    private static byte[] resource(String name) {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("the build lacks the console file " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("reading the console file " + name, e);
        }
    }
}
