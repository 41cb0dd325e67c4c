package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.WorkloadId;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.Pem;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a question ends, against a gateway that ends it so. */
class ChatCommandTest {
    private static final String BEGUN =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"zero \"}}]}\n\n";

    private final CertificateAuthority authority =
            CertificateAuthority.create("atlas.test", Clock.systemUTC());

    @TempDir Path temp;

    private Shell.Said asked(String events) throws Exception {
        IssuedCertificate issued =
                authority.server(
                        new WorkloadId("atlas.test", "/gateway"),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        Duration.ofHours(1));
        TlsIdentity identity = new TlsIdentity(issued.key(), issued.chain(), List.of());
        EdgeConfig config =
                new EdgeConfig(
                        "gateway",
                        new InetSocketAddress("127.0.0.1", 0),
                        identity,
                        ClientAuth.NONE,
                        EdgeLimits.defaults());
        Path ca =
                Files.writeString(
                        temp.resolve("ca.pem"), Pem.certificates(List.of(authority.root())));
        Path key = Files.writeString(temp.resolve("key"), "any");
        try (HttpEdge edge =
                HttpEdge.start(
                        config,
                        exchange -> {
                            BodyWriter out =
                                    exchange.stream(
                                            200, Headers.of("content-type", "text/event-stream"));
                            out.write(events.getBytes(StandardCharsets.UTF_8));
                            out.close();
                        })) {
            return Shell.run(
                    "--home",
                    temp.toString(),
                    "--gateway",
                    "https://localhost:" + edge.address().getPort(),
                    "--server-ca",
                    ca.toString(),
                    "--credential",
                    key.toString(),
                    "chat",
                    "--model",
                    "m",
                    "What is zero trust?");
        }
    }

    @Test
    void anAnswerThatEndsWellIsYes() throws Exception {
        Shell.Said said = asked(BEGUN + "data: [DONE]\n\n");
        assertThat(said.status()).as(said.err()).isZero();
        assertThat(said.out()).contains("zero");
    }

    @Test
    void anAnswerWhoseAccessIsTakenBackIsNoWithAWordWhy() throws Exception {
        Shell.Said said =
                asked(
                        BEGUN
                                + "data: {\"error\":{\"message\":\"access ended\",\"type\":"
                                + "\"permission_error\",\"code\":\"access_revoked\"}}\n\n");
        assertThat(said.status()).isEqualTo(Main.NO);
        assertThat(said.err()).contains("what it rested on was taken back");
    }

    @Test
    void anAnswerThatFailsOtherwiseIsUnknown() throws Exception {
        Shell.Said said =
                asked(
                        BEGUN
                                + "data: {\"error\":{\"message\":\"the engine failed\",\"code\":"
                                + "\"upstream_error\"}}\n\n");
        assertThat(said.status()).isGreaterThan(Main.NO);
        assertThat(said.err()).contains("the engine failed");
    }
}
