package atlas.gateway;

import atlas.core.Principal;
import atlas.gateway.AnswerCache.Asked;
import atlas.gateway.AnswerCache.Look;
import atlas.gateway.openai.InferenceRequest;
import atlas.runtime.http.Headers;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Where answers come from: an engine, or what an engine answered before. */
final class Answers {
    private final Backends backends;
    private final Optional<AnswerCache> cache;

    Answers(Backends backends, Optional<AnswerCache> cache) {
        this.backends = backends;
        this.cache = cache;
    }

    int maxAnswerBytes() {
        return backends.maxAnswerBytes();
    }

    /** As {@link Backends#send}; an answer from before comes at once, for the caller to hold. */
    UpstreamResponse send(
            Trip trip,
            Principal caller,
            Served model,
            InferenceRequest request,
            CompletionStage<?> ready)
            throws UpstreamException {
        Look look =
                cache.map(from -> from.look(trip.exchange(), caller, model, request))
                        .orElseGet(Look.Apart::new);
        return switch (look) {
            case Look.Known(byte[] answer) -> {
                trip.sentTo(AnswerCache.NODE);
                yield new Given(answer);
            }
            case Look.Unknown(Asked asked) ->
                    new Heard(backends.send(trip, model, request, ready), asked);
            case Look.Apart _ -> backends.send(trip, model, request, ready);
        };
    }

    /** The answer made sense and is on its way: it may be given again. */
    void delivered(UpstreamResponse answer) {
        if (answer instanceof Heard heard && heard.whole != null) {
            byte[] whole = heard.whole;
            cache.ifPresent(to -> to.keep(heard.asked, whole));
        }
    }

    /** An engine's answer that is listened to. */
    private static final class Heard implements UpstreamResponse {
        private final UpstreamResponse answer;
        private final Asked asked;
        private byte @Nullable [] whole;

        Heard(UpstreamResponse answer, Asked asked) {
            this.answer = answer;
            this.asked = asked;
        }

        @Override
        public int status() {
            return answer.status();
        }

        @Override
        public Headers headers() {
            return answer.headers();
        }

        @Override
        public byte[] body(int maxBytes) throws UpstreamException {
            byte[] body = answer.body(maxBytes);
            whole = status() == 200 ? body : null;
            return body;
        }

        @Override
        public InputStream stream() {
            return answer.stream();
        }

        @Override
        public void cancel() {
            answer.cancel();
        }

        @Override
        public void close() {
            answer.close();
        }
    }

    /** An answer from before. */
    private record Given(byte[] answer) implements UpstreamResponse {
        @Override
        public int status() {
            return 200;
        }

        @Override
        public Headers headers() {
            return Headers.of("content-type", "application/json");
        }

        @Override
        public byte[] body(int maxBytes) {
            return answer;
        }

        @Override
        public InputStream stream() {
            return new ByteArrayInputStream(answer);
        }

        @Override
        public void cancel() {}

        @Override
        public void close() {}
    }
}
