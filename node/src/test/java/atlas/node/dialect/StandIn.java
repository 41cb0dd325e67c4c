package atlas.node.dialect;

import atlas.node.engine.EngineException;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.Generation;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.TokenSink;
import atlas.node.engine.Utf8Stream;
import atlas.node.engine.WeightFormat;
import atlas.node.engine.Weights;
import atlas.node.engine.embedded.EmbeddedEngine;
import atlas.node.json.BadJson;
import atlas.node.json.JsonTree;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small OpenAI-compatible server in the place of {@code llama-server}: the same arguments, the
 * same endpoints, an engine of ours behind them. Runs in a test or as a child process.
 */
public final class StandIn implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final InferenceEngine engine;
    private final @Nullable String key;
    private final RequestReader reader = new RequestReader(1000, 1);

    private StandIn(ServerSocketChannel listener, InferenceEngine engine, @Nullable String key) {
        this.listener = listener;
        this.engine = engine;
        this.key = key;
        Thread.ofVirtual().start(this::accept);
    }

    /** Listens on an address; {@code key} must then be shown by callers. */
    public static StandIn listen(SocketAddress at, InferenceEngine engine, @Nullable String key)
            throws IOException {
        boolean unix = at instanceof UnixDomainSocketAddress;
        ServerSocketChannel listener =
                unix
                        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        : ServerSocketChannel.open();
        return new StandIn(listener.bind(at), engine, key);
    }

    /** The child process: weights from {@code -m}, socket from {@code --host}. */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i++) {
            options.put(args[i], args[i + 1]);
        }
        byte[] bytes = Files.readAllBytes(Path.of(options.getOrDefault("-m", "")));
        Weights weights = new Heap(MemorySegment.ofArray(bytes));
        int streams = Integer.parseInt(options.getOrDefault("-np", "1"));
        EngineSpec spec = new EngineSpec("child", 1024, streams, 64);
        InferenceEngine engine = new EmbeddedEngine().open(spec, weights);
        Path socket = Path.of(options.getOrDefault("--host", ""));
        String key = System.getenv("LLAMA_API_KEY");
        try (StandIn server = listen(UnixDomainSocketAddress.of(socket), engine, key)) {
            server.awaitEnd();
        }
    }

    private record Heap(MemorySegment bytes) implements Weights {
        @Override
        public WeightFormat format() {
            return WeightFormat.GGUF;
        }

        @Override
        public void close() {
            // the heap is collected
        }
    }

    private synchronized void awaitEnd() throws InterruptedException {
        while (listener.isOpen()) {
            wait();
        }
    }

    /** Where it listens. */
    public SocketAddress address() throws IOException {
        return listener.getLocalAddress();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                Thread.ofVirtual().start(() -> serve(channel));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(SocketChannel channel) {
        try (channel;
                InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
                OutputStream out = Channels.newOutputStream(channel)) {
            for (String request = line(in); !request.isEmpty(); request = line(in)) {
                Map<String, String> headers = new HashMap<>();
                for (String line = line(in); !line.isEmpty(); line = line(in)) {
                    int colon = line.indexOf(':');
                    String name = line.substring(0, colon).toLowerCase(java.util.Locale.ROOT);
                    headers.put(name, line.substring(colon + 1).strip());
                }
                int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
                answer(request, headers, in.readNBytes(length), out);
            }
        } catch (IOException e) {
            // the client left
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }

    private void answer(String request, Map<String, String> headers, byte[] body, OutputStream out)
            throws IOException {
        if (request.startsWith("GET /health ")) {
            whole(out, 200, "{}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        if (request.startsWith("GET /about ")) {
            whole(out, 200, about());
            return;
        }
        if (key != null && !("Bearer " + key).equals(headers.get("authorization"))) {
            whole(out, 401, "{}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        try {
            JsonTree json = JsonTree.object(body);
            if (request.contains("/v1/embeddings ")) {
                var made = engine.embed(reader.embedding(json));
                whole(out, 200, AnswerWriter.embeddings("stand-in", made, false));
            } else {
                boolean chat = request.contains("/chat/");
                generate(chat ? reader.chat(json) : reader.completion(json), out);
            }
        } catch (Refused e) {
            whole(out, e.status(), AnswerWriter.error(e));
        } catch (EngineRefusal e) {
            Refused refused = Refused.of(e);
            whole(out, refused.status(), AnswerWriter.error(refused));
        } catch (BadJson e) {
            whole(out, 400, AnswerWriter.error(Refused.invalid(e.reason())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the process sees of the world, for the test of its cage. */
    private static byte[] about() throws IOException {
        List<String> facts = new java.util.ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.matches("(Uid|CapEff|NoNewPrivs):.*")) {
                facts.add(line.replaceAll("\\s+", " "));
            }
        }
        facts.add("weights " + Files.readSymbolicLink(Path.of("/proc/self/fd/0")));
        facts.add("pid " + ProcessHandle.current().pid());
        Files.readAllLines(Path.of("/proc/net/dev")).stream()
                .filter(line -> line.contains(":"))
                .forEach(line -> facts.add("net " + line.strip().split(":")[0]));
        System.getenv().keySet().forEach(name -> facts.add("env " + name));
        return String.join("\n", facts).getBytes(StandardCharsets.UTF_8);
    }

    private static void whole(OutputStream out, int status, byte[] body) throws IOException {
        String head =
                "HTTP/1.1 "
                        + status
                        + " x\r\ncontent-type: application/json\r\ncontent-length: "
                        + body.length
                        + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    private void generate(Asked asked, OutputStream out)
            throws EngineRefusal, IOException, InterruptedException {
        TokenQueue queue = new TokenQueue();
        Generation generation = engine.generate(asked.generation(), queue);
        AnswerWriter writer =
                new AnswerWriter(new AnswerWriter.Head("x", 0, "stand-in", "none", asked.chat()));
        String head =
                "HTTP/1.1 200 x\r\ncontent-type: text/event-stream\r\n"
                        + "transfer-encoding: chunked\r\n\r\n";
        try {
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            Utf8Stream text = new Utf8Stream();
            boolean going = true;
            while (going) {
                for (TokenQueue.Heard heard : queue.next()) {
                    going = tell(heard, text, writer, out);
                }
                out.flush();
            }
            chunk(out, new byte[0]);
            out.flush();
        } finally {
            generation.cancel();
        }
    }

    private static boolean tell(
            TokenQueue.Heard heard, Utf8Stream text, AnswerWriter writer, OutputStream out)
            throws IOException {
        return switch (heard) {
            case TokenQueue.Heard.Piece piece -> {
                String now = text.feed(piece.token().bytes());
                if (!now.isEmpty()) {
                    chunk(out, writer.piece(now, List.<TokenSink.Token>of()));
                }
                yield true;
            }
            case TokenQueue.Heard.Ended end -> {
                chunk(out, writer.closing(end.finish(), end.usage()));
                yield false;
            }
            case TokenQueue.Heard.Failed failed ->
                    throw new IOException(new EngineException("failed", failed.fault()));
        };
    }

    private static void chunk(OutputStream out, byte[] bytes) throws IOException {
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public synchronized void close() throws IOException {
        listener.close();
        notifyAll();
    }
}
