package atlas.export.send;

import atlas.core.Sensitive;
import atlas.export.format.ExportLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Posts batches. Only a 2xx answer confirms one; a redirect is a failure like any other. {@code
 * atlas-journal-range} names the first and last entry, so that a receiver can tell a repetition.
 */
final class HttpsDelivery implements Delivery {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int ANSWER_SECONDS = 60;

    private final URI uri;
    private final String mediaType;
    private final Optional<Sensitive<String>> bearer;
    private final HttpClient client;

    HttpsDelivery(URI uri, String mediaType, TlsPins pins, Optional<Sensitive<String>> bearer) {
        this.uri = uri;
        this.mediaType = mediaType;
        this.bearer = bearer;
        this.client =
                HttpClient.newBuilder()
                        .sslContext(pins.context())
                        .sslParameters(TlsPins.parameters())
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .proxy(HttpClient.Builder.NO_PROXY)
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT)
                        .build();
    }

    @Override
    public void deliver(List<ExportLine> lines) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (ExportLine line : lines) {
            body.writeBytes(line.text());
            body.write('\n');
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .header("content-type", mediaType)
                        .header(
                                "atlas-journal-range",
                                lines.getFirst().index() + "-" + lines.getLast().index())
                        .POST(BodyPublishers.ofByteArray(body.toByteArray()));
        bearer.ifPresent(token -> request.header("authorization", "Bearer " + token.reveal()));
        int status = status(client.sendAsync(request.build(), BodyHandlers.discarding()));
        if (status / 100 != 2) {
            throw new IOException("the receiver answered " + status);
        }
    }

    // Bounds the whole exchange; the client's own timeout ends with the first line of the answer.
    private static int status(CompletableFuture<HttpResponse<Void>> answer) throws IOException {
        try {
            return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS).statusCode();
        } catch (ExecutionException e) {
            throw new IOException("cannot reach the receiver: " + reason(e), e);
        } catch (TimeoutException e) {
            throw new IOException("the receiver did not answer in " + ANSWER_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("given up", e);
        } finally {
            answer.cancel(true);
        }
    }

    private static String reason(ExecutionException failure) {
        Throwable cause = failure;
        for (int depth = 0; depth < 8 && cause.getCause() != null; depth++) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
