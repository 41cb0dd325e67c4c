package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.WorkloadId;
import atlas.guard.Channel;
import atlas.guard.GuardConfig;
import atlas.guard.Inspection;
import atlas.guard.PromptGuard;
import atlas.guard.PromptPart;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.Pem;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A red team against a gateway that refuses, one that does not, and one that is broken. */
class GuardAttackTest {
    private static final PromptGuard GUARD = PromptGuard.load(GuardConfig.defaults());
    private static final String REFUSED =
            "{\"error\":{\"message\":\"refused\",\"code\":\"prompt_injection_detected\"}}";

    private final CertificateAuthority authority =
            CertificateAuthority.create("atlas.test", Clock.systemUTC());

    @TempDir Path temp;

    @Test
    void isYesWhenEveryKnownAttackIsRefused() throws Exception {
        Shell.Said said = attack(GuardAttackTest::guarded, 200);

        assertThat(said.status()).as(said.err()).isZero();
        JsonNode report = Remote.JSON.readTree(said.out());
        assertThat(report.at("/refused/tried").asInt()).isEqualTo(6);
        assertThat(report.at("/refused/refused").asInt()).isEqualTo(6);
        assertThat(report.at("/answered/tried").asInt()).isEqualTo(2);
        assertThat(report.path("passed")).isEmpty();
    }

    @Test
    void isNoAndSaysWhatPassedWhenNothingIsRefused() throws Exception {
        Shell.Said said = attack(body -> false, 200);

        assertThat(said.status()).isEqualTo(Main.NO);
        JsonNode report = Remote.JSON.readTree(said.out());
        assertThat(report.path("passed")).hasSize(6);
        assertThat(report.at("/passed/0/disguise").asText()).isEqualTo("plain");
    }

    @Test
    void couldNotTellWhenTheGatewayDoesNeither() throws Exception {
        Shell.Said said = attack(body -> false, 503);

        assertThat(said.status()).isEqualTo(3);
        assertThat(said.err()).contains("neither answered nor refused");
    }

    private static boolean guarded(JsonNode body) {
        JsonNode last = body.path("messages").path(body.path("messages").size() - 1);
        Channel channel = Channel.named(last.path("role").asText()).orElseThrow();
        PromptPart part = new PromptPart(channel, "m", last.path("content").asText());
        return GUARD.inspect(List.of(part)) instanceof Inspection.Blocked;
    }

    private Shell.Said attack(Predicate<JsonNode> refuses, int otherwise) throws Exception {
        IssuedCertificate issued =
                authority.server(
                        new WorkloadId("atlas.test", "/gateway"),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        Duration.ofHours(1));
        EdgeConfig config =
                new EdgeConfig(
                        "gateway",
                        new InetSocketAddress("127.0.0.1", 0),
                        new TlsIdentity(issued.key(), issued.chain(), List.of()),
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
                            boolean no = refuses.test(Remote.JSON.readTree(exchange.body()));
                            exchange.respond(
                                    no ? 400 : otherwise,
                                    Headers.of("content-type", "application/json"),
                                    (no ? REFUSED : "{}").getBytes(StandardCharsets.UTF_8));
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
                    "--output",
                    "json",
                    "guard",
                    "attack",
                    "--model",
                    "m",
                    "--count",
                    "12");
        }
    }
}
