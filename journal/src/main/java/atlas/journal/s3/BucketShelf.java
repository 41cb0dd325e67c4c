package atlas.journal.s3;

import atlas.core.crypto.Hashes;
import atlas.journal.shared.SharedLog;
import atlas.journal.store.SharedShelf;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;

/**
 * A bucket of an S3-compatible store, asked by paths. An object is durable when the store answered.
 * Names are taken with {@code If-None-Match: *} and changed with {@code If-Match}: a store that
 * does not know conditional writes must not be used. Nothing is tried again here.
 */
public final class BucketShelf implements SharedShelf {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");
    private static final Map<String, String> NEW = Map.of("if-none-match", "*");

    private final SharedLog.Bucket bucket;
    private final RequestSignature signature;
    private final Clock clock;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .sslParameters(onlyNewest())
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .connectTimeout(Duration.ofSeconds(5))
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();

    public BucketShelf(SharedLog.Bucket bucket, Clock clock) {
        this.bucket = bucket;
        this.clock = clock;
        this.signature =
                new RequestSignature(
                        bucket.region(), bucket.accessKey(), bucket.secretKey().reveal());
    }

    private static SSLParameters onlyNewest() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        return parameters;
    }

    @Override
    public byte[] read(String name) throws IOException {
        return get(name).body();
    }

    private HttpResponse<byte[]> get(String name) throws IOException {
        HttpResponse<byte[]> answer = send("GET", name, "", Map.of(), new byte[0]);
        if (answer.statusCode() == 404) {
            throw new NoSuchFileException(name);
        }
        return expect(answer, "GET", name, 200);
    }

    @Override
    public void put(String name, byte[] content) throws IOException {
        HttpResponse<byte[]> answer = send("PUT", name, "", NEW, content);
        if (answer.statusCode() == 412) {
            if (!Arrays.equals(read(name), content)) {
                throw new TakenException(name);
            }
            return;
        }
        expect(answer, "PUT", name, 200);
    }

    @Override
    public void sync() {
        // An object is durable when its PUT was answered.
    }

    @Override
    public void keep(String name, byte[] content) throws IOException {
        put(name, content);
    }

    @Override
    public boolean swap(String name, byte[] expected, byte[] content) throws IOException {
        Map<String, String> condition = NEW;
        if (expected.length > 0) {
            HttpResponse<byte[]> there;
            try {
                there = get(name);
            } catch (NoSuchFileException e) {
                return false;
            }
            if (!Arrays.equals(there.body(), expected)) {
                return false;
            }
            String tag =
                    there.headers()
                            .firstValue("etag")
                            .orElseThrow(() -> new IOException("the store gave no ETag"));
            condition = Map.of("if-match", tag);
        }
        HttpResponse<byte[]> answer = send("PUT", name, "", condition, content);
        if (answer.statusCode() == 412 || answer.statusCode() == 409) {
            return false;
        }
        expect(answer, "PUT", name, 200);
        return true;
    }

    @Override
    public List<String> names(String folder) throws IOException {
        String prefix = name(folder) + "/";
        String query =
                "delimiter=%2F&list-type=2&prefix="
                        + URLEncoder.encode(prefix, StandardCharsets.UTF_8);
        HttpResponse<byte[]> answer =
                expect(send("GET", "", query, Map.of(), new byte[0]), "LIST", folder, 200);
        return KEY.matcher(new String(answer.body(), StandardCharsets.UTF_8))
                .results()
                .map(key -> key.group(1))
                .filter(key -> key.startsWith(prefix) && key.length() > prefix.length())
                .map(key -> key.substring(prefix.length()))
                .toList();
    }

    @Override
    public void remove(String name) throws IOException {
        HttpResponse<byte[]> answer = send("DELETE", name, "", Map.of(), new byte[0]);
        if (answer.statusCode() != 404) {
            expect(answer, "DELETE", name, 204);
        }
    }

    private String name(String name) {
        return bucket.prefix().map(prefix -> prefix + "/" + name).orElse(name);
    }

    private HttpResponse<byte[]> send(
            String method, String name, String query, Map<String, String> more, byte[] content)
            throws IOException {
        String path = "/" + bucket.name() + (name.isEmpty() ? "" : "/" + name(name));
        URI endpoint = bucket.endpoint();
        SortedMap<String, String> headers = new TreeMap<>(more);
        headers.put("host", endpoint.getAuthority());
        headers.put("x-amz-content-sha256", Hashes.sha256(content).hex());
        headers.put("x-amz-date", RequestSignature.stamp(clock.instant()));
        String authorization = signature.authorization(method, path, query, headers);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                endpoint.resolve(path + (query.isEmpty() ? "" : "?" + query)))
                        .timeout(PATIENCE)
                        .header("Authorization", authorization)
                        .method(
                                method,
                                content.length == 0
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(content));
        headers.remove("host");
        headers.forEach(request::header);
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the store was asked", e);
        }
    }

    private static HttpResponse<byte[]> expect(
            HttpResponse<byte[]> answer, String what, String name, int status) throws IOException {
        if (answer.statusCode() != status) {
            throw new IOException(
                    "the store answered "
                            + answer.statusCode()
                            + " to "
                            + what
                            + " of `"
                            + name
                            + "`");
        }
        return answer;
    }

    @Override
    public void close() {
        http.close();
    }
}
