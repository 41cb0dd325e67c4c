package atlas.export.send;

import atlas.core.Sensitive;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where lines are delivered, as configuration or the command line names it: {@code file:PATH},
 * {@code syslog+tls://HOST[:6514]}, {@code https://HOST[:443]/PATH} or {@code
 * kafka://HOST[:9093]/TOPIC}. Everything but a file is TLS 1.3 to a pinned root.
 */
public sealed interface Destination {
    /** How it is shown in records and status; carries no credential. */
    String shown();

    /** A new way there; nothing is opened yet. */
    Delivery open();

    /** A file that lines are added to. */
    record ToFile(Path path) implements Destination {
        @Override
        public String shown() {
            return "file:" + path;
        }

        @Override
        public Delivery open() {
            return new FileDelivery(path);
        }
    }

    /** A syslog receiver, RFC 5425. */
    record ToSyslog(String host, int port, TlsPins pins) implements Destination {
        @Override
        public String shown() {
            return "syslog+tls://" + at(host, port);
        }

        @Override
        public Delivery open() {
            return new SyslogDelivery(host, port, pins);
        }
    }

    /** A web server that batches are posted to. */
    record ToHttps(URI uri, String mediaType, TlsPins pins, Optional<Sensitive<String>> bearer)
            implements Destination {
        @Override
        public String shown() {
            return "https://" + uri.getRawAuthority() + uri.getRawPath();
        }

        @Override
        public Delivery open() {
            return new HttpsDelivery(uri, mediaType, pins, bearer);
        }
    }

    /** A topic of a Kafka cluster, found by any of its brokers. */
    record ToKafka(String host, int port, String topic, TlsPins pins) implements Destination {
        @Override
        public String shown() {
            return "kafka://" + at(host, port) + "/" + topic;
        }

        @Override
        public Delivery open() {
            return new KafkaDelivery(host, port, topic, pins);
        }
    }

    /**
     * What else it takes to get there.
     *
     * @param mediaType of the lines
     * @param pins who is believed to be the receiver; needed by everything but a file
     * @param bearer for {@code https:} only
     */
    record Means(String mediaType, Optional<TlsPins> pins, Optional<Sensitive<String>> bearer) {}

    /**
     * Reads a destination.
     *
     * @throws IllegalArgumentException when it is none, or its means do not fit; the message says
     *     how to mend it
     */
    static Destination parse(String text, Means means) {
        if (text.startsWith("file:")) {
            if (means.pins().isPresent() || means.bearer().isPresent()) {
                throw new IllegalArgumentException(
                        "`" + text + "` is a file: it takes no certificate and no token");
            }
            return new ToFile(file(text.substring("file:".length())));
        }
        URI uri = uri(text);
        String scheme = String.valueOf(uri.getScheme());
        boolean https = scheme.equals("https");
        if (!https && !scheme.equals("syslog+tls") && !scheme.equals("kafka")) {
            throw new IllegalArgumentException(
                    "`"
                            + text
                            + "` is no destination: write `file:PATH`, `syslog+tls://HOST:PORT`,"
                            + " `https://HOST/PATH` or `kafka://HOST:PORT/TOPIC`");
        }
        requirePlain(uri, text);
        TlsPins pins =
                means.pins()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "`"
                                                + text
                                                + "` needs the certificates of the authority"
                                                + " that its receiver's leads to: give `trust`"));
        means.bearer().ifPresent(Destination::requireSendable);
        if (https) {
            return new ToHttps(uri, means.mediaType(), pins, means.bearer());
        }
        if (means.bearer().isPresent()) {
            throw new IllegalArgumentException("`" + text + "` takes no token");
        }
        if (scheme.equals("kafka")) {
            return new ToKafka(
                    host(uri), uri.getPort() < 0 ? 9093 : uri.getPort(), topic(uri, text), pins);
        }
        if (!uri.getRawPath().isEmpty()) {
            throw new IllegalArgumentException("`" + text + "` is syslog: it takes no path");
        }
        return new ToSyslog(host(uri), uri.getPort() < 0 ? 6514 : uri.getPort(), pins);
    }

    private static Path file(String path) {
        Path file = Path.of(path);
        if (path.isEmpty() || file.getFileName() == null) {
            throw new IllegalArgumentException("`file:` is followed by the path of a file");
        }
        return file.toAbsolutePath().normalize();
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(text).parseServerAuthority();
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below, as for a text without a host.
        }
        throw new IllegalArgumentException(
                "`" + text + "` is no destination: it names no host that could be reached");
    }

    private static void requirePlain(URI uri, String text) {
        if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            // Not repeated: it may hold a password.
            throw new IllegalArgumentException(
                    "a destination holds no user, password or fragment; give a token by reference");
        }
        if (uri.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "`" + text + "` has a query; a destination has none");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65535) {
            throw new IllegalArgumentException("`" + text + "` has a port that is none");
        }
    }

    // What else would say so is the client, to whoever reads a status, and it repeats the token.
    private static void requireSendable(Sensitive<String> bearer) {
        String token = bearer.reveal();
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "the token is not one word of visible ASCII (RFC 6750): look at where it is"
                            + " taken from");
        }
    }

    /** Kafka's own rule for names of topics. */
    private static String topic(URI uri, String text) {
        String topic = uri.getRawPath().isEmpty() ? "" : uri.getRawPath().substring(1);
        boolean good = !topic.isEmpty() && topic.length() <= 249 && !topic.matches("[.]{1,2}");
        for (int i = 0; i < topic.length(); i++) {
            char c = topic.charAt(i);
            good &= c < 128 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0);
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "`" + text + "` names no topic: write `kafka://HOST:PORT/TOPIC`");
        }
        return topic;
    }

    private static String host(URI uri) {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static String at(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
