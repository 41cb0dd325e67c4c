import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A model that says 100 chunks of about 200 bytes, one every {@code interval} microseconds; each
 * chunk carries the time it was sent. Usage: PORT KEYSTORE TRUSTSTORE PASSWORD CHUNKS INTERVAL-US CLIENT-AUTH
 */
public class SseUpstream {
    public static void main(String[] args) throws Exception {
        int chunks = Integer.parseInt(args[4]);
        long intervalNanos = Long.parseLong(args[5]) * 1000;
        try (SSLServerSocket server = listen(args)) {
            while (true) {
                SSLSocket socket = (SSLSocket) server.accept();
                Thread.startVirtualThread(() -> serve(socket, chunks, intervalNanos));
            }
        }
    }

    private static SSLServerSocket listen(String[] args) throws Exception {
        char[] password = args[3].toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(args[1])) {
            keys.load(in, password);
        }
        KeyStore trust = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(args[2])) {
            trust.load(in, password);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, password);
        TrustManagerFactory others = TrustManagerFactory.getInstance("PKIX");
        others.init(trust);
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(own.getKeyManagers(), others.getTrustManagers(), null);
        SSLServerSocket server =
                (SSLServerSocket)
                        tls.getServerSocketFactory()
                                .createServerSocket(
                                        Integer.parseInt(args[0]), 256, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(Boolean.parseBoolean(args[6]));
        return server;
    }

    private static void serve(SSLSocket socket, int chunks, long intervalNanos) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            while (skipRequest(in)) {
                out.write(
                        ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                                        + "transfer-encoding: chunked\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                long next = System.nanoTime();
                for (int i = 0; i < chunks; i++) {
                    next += intervalNanos;
                    LockSupport.parkNanos(next - System.nanoTime());
                    chunk(out, event("said at " + letters(now()) + ". ", "null"));
                }
                chunk(out, event("", "\"stop\""));
                chunk(
                        out,
                        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                                + "\"model\":\"stub\",\"choices\":[],"
                                + "\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":"
                                + chunks
                                + ",\"total_tokens\":"
                                + (50 + chunks)
                                + "}}\n\n");
                chunk(out, "data: [DONE]\n\n");
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
        } catch (java.io.IOException e) {
            // The proxy closed its connection.
        }
    }

    /** A number without digits: an output filter may hold digits back to see what they become. */
    private static String letters(long number) {
        StringBuilder text = new StringBuilder();
        for (char digit : Long.toString(number).toCharArray()) {
            text.append((char) ('a' + digit - '0'));
        }
        return text.toString();
    }

    /** Microseconds on the clock that the reader shares. */
    private static long now() {
        return System.nanoTime() / 1000;
    }

    private static String event(String text, String finish) {
        return "data: {\"id\":\"chatcmpl-0123456789\",\"object\":\"chat.completion.chunk\","
                + "\"created\":1700000000,"
                + "\"model\":\"stub\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                + text
                + "\"},\"finish_reason\":"
                + finish
                + "}]}\n\n";
    }

    private static void chunk(OutputStream out, String text) throws java.io.IOException {
        out.write(
                (Integer.toHexString(text.length()) + "\r\n" + text + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static boolean skipRequest(InputStream in) throws java.io.IOException {
        int length = 0;
        boolean first = true;
        boolean chunked = false;
        while (true) {
            String line = line(in);
            if (line == null) {
                return false;
            }
            if (line.isEmpty() && !first) {
                break;
            }
            first = false;
            String lower = line.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:");
        }
        if (!chunked) {
            in.readNBytes(length);
            return true;
        }
        while (true) {
            String size = line(in);
            if (size == null) {
                return false;
            }
            int n = Integer.parseInt(size.strip(), 16);
            in.readNBytes(n + 2);
            if (n == 0) {
                return true;
            }
        }
    }

    private static String line(InputStream in) throws java.io.IOException {
        StringBuilder text = new StringBuilder();
        int c;
        while ((c = in.read()) >= 0) {
            if (c == '\n') {
                int end = text.length();
                return end > 0 && text.charAt(end - 1) == '\r' ? text.substring(0, end - 1) : text.toString();
            }
            text.append((char) c);
        }
        return null;
    }
}
