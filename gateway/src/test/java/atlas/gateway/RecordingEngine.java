package atlas.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An engine on loopback that keeps the bytes of every request as they came off the socket and
 * answers each with the same words.
 */
final class RecordingEngine implements AutoCloseable {
    private static final Map<String, String> ANSWERS =
            Map.of(
                    "/v1/completions",
                    """
                    {"id":"e","object":"text_completion","created":1,"model":"e","choices":[{
                    "index":0,"text":"hello","finish_reason":"stop"}],"usage":{"prompt_tokens":2,
                    "completion_tokens":1,"total_tokens":3}}\
                    """,
                    "/v1/embeddings",
                    """
                    {"object":"list","model":"e","data":[{"object":"embedding","index":0,
                    "embedding":[0.5]}],"usage":{"prompt_tokens":2,"total_tokens":2}}\
                    """);

    private final ServerSocket socket;
    private final List<byte[]> requests = new ArrayList<>();

    RecordingEngine() {
        try {
            socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** What came since the last time, byte for byte. */
    synchronized List<byte[]> taken() {
        List<byte[]> taken = List.copyOf(requests);
        requests.clear();
        return taken;
    }

    private synchronized void keep(byte[] request) {
        requests.add(request);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    /** One request at a time: the gateway's client never sends a second before the answer. */
    private void serve(Socket connection) {
        try (connection) {
            InputStream in = connection.getInputStream();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                bytes.write(b);
                bytes.write(in.readNBytes(in.available()));
                List<SecondHttp.Request> read = SecondHttp.requests(bytes.toByteArray());
                if (!read.isEmpty()) {
                    keep(bytes.toByteArray());
                    bytes.reset();
                    answer(connection, read.getFirst());
                }
            }
        } catch (IOException e) {
            // The gateway closed the connection; there is nobody to answer.
            return;
        }
    }

    private static void answer(Socket connection, SecondHttp.Request request) throws IOException {
        boolean stream = new String(request.body(), UTF_8).contains("\"stream\":true");
        String words = stream ? World.STREAM : ANSWERS.getOrDefault(request.path(), World.WHOLE);
        byte[] body = words.getBytes(UTF_8);
        String type = stream ? "text/event-stream" : "application/json";
        String head =
                "HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"
                        .formatted(type, body.length);
        connection.getOutputStream().write(head.getBytes(UTF_8));
        connection.getOutputStream().write(body);
        connection.getOutputStream().flush();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
