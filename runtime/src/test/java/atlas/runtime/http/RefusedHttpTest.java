package atlas.runtime.http;

import static atlas.runtime.http.Http2Peer.END_HEADERS;
import static atlas.runtime.http.Http2Peer.END_STREAM;
import static atlas.runtime.http.Http2Peer.HEADERS;
import static atlas.runtime.http.Http2Peer.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusedHttpTest {
    private final BlockingQueue<RefusedHttp> told = new LinkedBlockingQueue<>();

    @Test
    void repeatsNothingOfWhatWasSent() throws Exception {
        String sent = "atlas-secret-in-the-wrong-place".repeat(100);
        try (TestEdge edge =
                        TestEdge.telling(
                                told::add, e -> e.respond(200, Headers.none(), new byte[0]));
                Http2Peer peer = Http2Peer.greeted(edge)) {
            peer.frame(HEADERS, END_HEADERS | END_STREAM, 1, request("GET", ":" + sent, "1"));
            RefusedHttp refused = told.poll(20, TimeUnit.SECONDS);
            assertThat(refused).isNotNull();
            assertThat(refused.reason()).isEqualTo("malformed_request");
            assertThat(refused.toString()).doesNotContain("atlas-secret").hasSizeLessThan(300);
        }
    }
}
