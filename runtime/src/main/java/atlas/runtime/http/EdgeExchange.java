package atlas.runtime.http;

import atlas.runtime.Problem;
import atlas.runtime.wire.Call;
import io.netty.channel.EventLoop;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An exchange over a call: threads on one side, the event loop on the other. */
final class EdgeExchange implements Exchange, Call.Watcher {
    /** The event loop of the request being handled, so that its upstream call can share it. */
    static final ScopedValue<EventLoop> LOOP = ScopedValue.newInstance();

    private static final Logger LOG = LoggerFactory.getLogger(HttpEdge.class);

    private final Call call;
    private final Headers headers;
    private final ErrorBody errors;
    private final ServerNames names;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final List<Runnable> onClose = new ArrayList<>(1);
    private boolean later; // the handler's thread
    private volatile @Nullable EdgeWriter writer;
    private Call.@Nullable Watcher relay; // event loop

    EdgeExchange(Call call, ErrorBody errors, ServerNames names) {
        this.call = call;
        this.errors = errors;
        this.names = names;
        this.headers = Headers.checked(call.head().fields());
    }

    /** A part of handling the call. */
    private interface Work {
        void run() throws Exception;
    }

    /** Hands a call to the handler on a new virtual thread. Called on the loop. */
    static void dispatch(Call call, Handler handler, ErrorBody errors, ServerNames names) {
        EdgeExchange exchange = new EdgeExchange(call, errors, names);
        call.watch(exchange);
        Thread.ofVirtual().name("request").start(() -> exchange.serve(handler));
    }

    private void serve(Handler handler) {
        guarded(() -> {
            ScopedValue.where(LOOP, call.loop())
                    .call(() -> {
                        handler.handle(this);
                        return true;
                    });
            if (!later) {
                finish();
            }
        });
    }

    @Override
    public void after(CompletionStage<?> done, Runnable then) {
        later = true;
        var unused =
                done.whenComplete((_, _) ->
                        guarded(() -> {
                            then.run();
                            finish();
                        }));
    }

    private void guarded(Work work) {
        try {
            work.run();
        } catch (Throwable e) {
            // Errors as well: nobody else would ever answer this exchange.
            if (open()) {
                LOG.atError()
                        .addKeyValue("request_id", requestId())
                        .setCause(e)
                        .log("request failed");
            }
            fail();
        }
    }

    /** A handler that returned without an answer, or with half of one, has failed. */
    private void finish() {
        EdgeWriter open = writer;
        if (!answered.get() || (open != null && !open.closed())) {
            fail();
        }
    }

    private void fail() {
        if (answered.compareAndSet(false, true)) {
            Problem problem = new Problem("internal", 500, "internal error", "the request failed");
            byte[] body = errors.json(problem, path(), requestId());
            Headers fields = Headers.of("content-type", errors.mediaType());
            onLoop(() -> call.respond(500, fields.flat(), body));
        } else {
            onLoop(call::abort);
        }
    }

    private void onLoop(Runnable task) {
        call.loop().execute(task);
    }

    @Override
    public String requestId() {
        return call.requestId();
    }

    @Override
    public String method() {
        return call.head().method();
    }

    @Override
    public String authority() {
        return call.head().authority().toString();
    }

    @Override
    public boolean knownHere() {
        return names.cover(call.head().authority().host());
    }

    @Override
    public String path() {
        return call.head().path();
    }

    @Override
    public String query() {
        return call.head().query();
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public byte[] body() {
        return call.body();
    }

    @Override
    public String source() {
        return call.peer().source();
    }

    @Override
    public List<X509Certificate> peer() {
        return call.peer().chain();
    }

    @Override
    public boolean open() {
        return !call.gone() && !call.ended();
    }

    @Override
    public void onClose(Runnable once) {
        synchronized (onClose) {
            if (!call.gone()) {
                onClose.add(once);
                return;
            }
        }
        once.run();
    }

    /** From now on {@code next} is told of the client as well. On the loop. */
    void handOverTo(Call.Watcher next) {
        relay = next;
        if (call.gone()) {
            next.gone();
        }
    }

    @Override
    public void writable() {
        if (relay != null) {
            relay.writable();
        }
        EdgeWriter open = writer;
        if (open != null) {
            open.writable();
        }
    }

    @Override
    public void gone() {
        List<Runnable> left;
        synchronized (onClose) {
            left = List.copyOf(onClose);
            onClose.clear();
        }
        // Not on the loop: what a handler registers may block.
        for (Runnable once : left) {
            Thread.ofVirtual().name("client-left").start(once);
        }
        EdgeWriter open = writer;
        if (open != null) {
            open.gone();
        }
        if (relay != null) {
            relay.gone();
        }
    }

    @Override
    public void respond(int status, Headers fields, byte[] body) {
        answer(status);
        onLoop(() -> call.respond(status, fields.flat(), body));
    }

    @Override
    public BodyWriter stream(int status, Headers fields) {
        answer(status);
        EdgeWriter opened = new EdgeWriter(call);
        writer = opened;
        if (call.gone()) {
            opened.gone();
        }
        onLoop(() -> call.begin(status, fields.flat()));
        return opened;
    }

    @Override
    public void relay(int status, Headers fields, UpstreamResponse from, StreamFilter filter) {
        answer(status);
        try (from) {
            if (from instanceof PooledResponse pooled && pooled.loop().equals(call.loop())) {
                Relay.run(call, this, status, fields.flat(), pooled, filter);
            } else {
                EdgeWriter opened = new EdgeWriter(call);
                writer = opened;
                if (call.gone()) {
                    opened.gone();
                }
                onLoop(() -> call.begin(status, fields.flat()));
                onClose(from::cancel);
                Pump.run(opened, from, filter);
            }
        }
    }

    private void answer(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("not a final status: " + status);
        }
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("the exchange has been answered");
        }
    }
}
