package atlas.gateway;

import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.StreamFilter;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamException.Kind;
import atlas.runtime.http.UpstreamResponse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One exchange without a network; relays as the edge promises to. */
final class FakeExchange implements Exchange {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String id = "req_test%04d".formatted(COUNT.incrementAndGet());
    private final String method;
    private final String path;
    private final Headers headers;
    private final byte[] body;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private String source = "192.0.2.1";
    private String query = "";
    private int pieceBytes = 64;
    private int leavesAfterPieces = Integer.MAX_VALUE;
    private @Nullable Runnable onClose;
    private boolean left;
    int status;
    Headers answered = Headers.none();
    boolean aborted;
    int answers;

    FakeExchange(String method, String path, Headers headers, String body) {
        this.method = method;
        this.path = path;
        this.headers = headers;
        this.body = body.getBytes(StandardCharsets.UTF_8);
    }

    FakeExchange from(String address) {
        source = address;
        return this;
    }

    FakeExchange asking(String text) {
        query = text;
        return this;
    }

    FakeExchange inPiecesOf(int bytes) {
        pieceBytes = bytes;
        return this;
    }

    /** The client leaves after so many pieces of a stream; at once when it is 0. */
    FakeExchange leavingAfter(int pieces) {
        leavesAfterPieces = pieces;
        return this;
    }

    String text() {
        return sent.toString(StandardCharsets.UTF_8);
    }

    byte[] sent() {
        return sent.toByteArray();
    }

    @Override
    public String requestId() {
        return id;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String authority() {
        return "localhost";
    }

    @Override
    public boolean knownHere() {
        return true;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public List<X509Certificate> peer() {
        return List.of();
    }

    @Override
    public boolean open() {
        return !left && answers == 0;
    }

    @Override
    public void onClose(Runnable once) {
        onClose = once;
        if (leavesAfterPieces == 0) {
            leave();
        }
    }

    @Override
    public void after(CompletionStage<?> done, Runnable then) {
        done.toCompletableFuture().exceptionally(_ -> null).join();
        then.run();
    }

    private void leave() {
        left = true;
        if (onClose != null) {
            onClose.run();
        }
    }

    @Override
    public void respond(int code, Headers with, byte[] bytes) {
        answer(code, with);
        sent.writeBytes(bytes);
    }

    private void answer(int code, Headers with) {
        if (answers++ > 0) {
            throw new IllegalStateException("answered twice");
        }
        status = code;
        answered = with;
    }

    @Override
    public BodyWriter stream(int code, Headers with) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void relay(int code, Headers with, UpstreamResponse from, StreamFilter filter) {
        answer(code, with);
        FakeResponse response = (FakeResponse) from;
        try (response) {
            for (int at = 0, n = 0; at < response.bytes.length; at += pieceBytes, n++) {
                if (n == leavesAfterPieces) {
                    leave();
                    filter.cancelled();
                    return;
                }
                if (response.cancelled) {
                    break;
                }
                int length = Math.min(pieceBytes, response.bytes.length - at);
                filter.chunk(response.bytes, at, length, sent::write);
            }
            boolean broke = response.breaksOff || response.cancelled;
            Optional<Throwable> failure =
                    broke
                            ? Optional.of(new UpstreamException(Kind.CLOSED, "broke off"))
                            : Optional.empty();
            // What is written at the end leaves only when the stage completes well.
            ByteArrayOutputStream last = new ByteArrayOutputStream();
            filter.end(failure, last::write).toCompletableFuture().join();
            sent.writeBytes(last.toByteArray());
        } catch (CompletionException | IllegalStateException e) {
            aborted = true;
        }
    }
}
