package atlas.runtime.http;

import atlas.runtime.wire.Call;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads an upstream's body through a filter to the client, all on the one event loop both
 * connections live on. Bytes that arrive together leave together: one flush per read. When the
 * client is slow the upstream is not read, so at most a few buffers are held.
 */
final class Relay implements Call.Watcher, PooledResponse.Sink, ByteSink {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEdge.class);
    private static final int SCRATCH = 16 << 10;
    private static final FastThreadLocal<byte[]> BUFFER =
            new FastThreadLocal<>() {
                @Override
                protected byte[] initialValue() {
                    return new byte[SCRATCH];
                }
            };

    private final Call call;
    private final PooledResponse from;
    private final StreamFilter filter;
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();
    private @Nullable ByteBuf out;
    private boolean ending;

    private Relay(Call call, PooledResponse from, StreamFilter filter) {
        this.call = call;
        this.from = from;
        this.filter = filter;
    }

    /** Starts on the loop and blocks until the response has ended. */
    static void run(
            Call call,
            EdgeExchange exchange,
            int status,
            String[] fields,
            PooledResponse from,
            StreamFilter filter) {
        Relay relay = new Relay(call, from, filter);
        call.loop()
                .execute(() -> {
                    exchange.handOverTo(relay);
                    if (!relay.over.isDone()) {
                        call.begin(status, fields);
                        from.attach(relay);
                        if (!relay.over.isDone()) {
                            call.flush();
                        }
                    }
                });
        relay.over.join();
    }

    @Override
    public void data(ByteBuf in, int length) {
        if (over.isDone() || ending) {
            in.skipBytes(length);
            return;
        }
        try {
            if (in.hasArray()) {
                filter.chunk(in.array(), in.arrayOffset() + in.readerIndex(), length, this);
                in.skipBytes(length);
                return;
            }
            byte[] scratch = BUFFER.get();
            int left = length;
            while (left > 0) {
                int take = Math.min(left, SCRATCH);
                in.readBytes(scratch, 0, take);
                left -= take;
                filter.chunk(scratch, 0, take, this);
            }
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("request_id", call.requestId())
                    .setCause(e)
                    .log("output filter failed");
            breakOff();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = call.allocator().buffer(Math.max(length, 512));
            out = buffer;
        }
        buffer.writeBytes(bytes, offset, length);
    }

    @Override
    public void readComplete() {
        if (over.isDone() || ending) {
            return;
        }
        send();
        call.flush();
        if (!call.writable()) {
            from.pause();
        }
    }

    private void send() {
        ByteBuf buffer = out;
        out = null;
        if (buffer != null) {
            call.data(buffer);
        }
    }

    @Override
    public void writable() {
        if (!over.isDone()) {
            from.resume();
        }
    }

    @Override
    public void end() {
        finish(Optional.empty());
    }

    @Override
    public void failed(UpstreamException failure) {
        finish(Optional.of(failure));
    }

    private void finish(Optional<Throwable> failure) {
        if (over.isDone() || ending) {
            return;
        }
        ending = true;
        send();
        Tail tail = new Tail();
        CompletionStage<Void> stage;
        try {
            stage = filter.end(failure, tail);
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Void> settled = stage.toCompletableFuture();
        if (settled.isDone()) {
            settle(settled.isCompletedExceptionally(), tail);
        } else {
            // What may leave already does so while the filter finishes.
            call.flush();
            var unused =
                    settled.whenComplete(
                            (_, e) -> call.loop().execute(() -> settle(e != null, tail)));
        }
    }

    private void settle(boolean failed, Tail tail) {
        if (over.isDone()) {
            return;
        }
        if (failed) {
            breakOff();
            return;
        }
        byte[] last = tail.take();
        if (last.length > 0) {
            call.data(call.allocator().buffer(last.length).writeBytes(last));
        }
        call.end();
        over.complete(true);
    }

    private void breakOff() {
        drop();
        over.complete(false);
        from.cancel();
        call.abort();
    }

    @Override
    public void gone() {
        if (over.isDone()) {
            return;
        }
        drop();
        over.complete(false);
        from.cancel();
        if (!ending) {
            try {
                filter.cancelled();
            } catch (RuntimeException e) {
                LOG.atError()
                        .addKeyValue("request_id", call.requestId())
                        .setCause(e)
                        .log("output filter failed");
            }
        }
    }

    private void drop() {
        if (out != null) {
            out.release();
            out = null;
        }
    }
}
