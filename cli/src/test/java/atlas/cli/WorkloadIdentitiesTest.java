package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Role;
import atlas.core.WorkloadId;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.Pem;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole installation whose processes know each other, and strangers' workloads, from files. */
@Timeout(120)
class WorkloadIdentitiesTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CertificateAuthority ours =
            CertificateAuthority.create("prod.example", Clock.systemUTC());
    private final CertificateAuthority partner =
            CertificateAuthority.create("partner.example", Clock.systemUTC());

    @TempDir Path temp;

    private static String pem(IssuedCertificate issued) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(issued.key().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    private void write(String process) throws IOException {
        WorkloadId id = new WorkloadId("prod.example", "/" + process);
        IssuedCertificate issued =
                process.equals("node")
                        ? ours.server(id, List.of("localhost"), List.of("127.0.0.1"), HOUR)
                        : ours.workload(id, HOUR);
        Files.writeString(temp.resolve(process + ".pem"), Pem.certificates(issued.chain()));
        Files.writeString(temp.resolve(process + ".key"), pem(issued));
    }

    private void writeBundle(String name, CertificateAuthority authority) throws IOException {
        Files.writeString(temp.resolve(name), Pem.certificates(List.of(authority.root())));
    }

    private Path config(String processes) throws IOException {
        StringBuilder files = new StringBuilder();
        for (String process : processes.split(",")) {
            write(process);
            files.append(
                    """
                        - process: %1$s
                          certificate: %1$s.pem
                          key: %1$s.key
                          bundle: ours.pem
                    """
                            .formatted(process)
                            .indent(0));
        }
        writeBundle("ours.pem", ours);
        writeBundle("partner.pem", partner);
        return Files.writeString(
                temp.resolve("atlas.yaml"),
                """
                identity:
                  svid-files:
                %s
                  trust-bundles:
                    - trust-domain: partner.example
                      file: partner.pem
                  workloads:
                    - spiffe-id: spiffe://partner.example/app/*
                      roles: [consumer]
                      models: ["*"]
                """
                        .formatted(files.toString().indent(4).stripTrailing()));
    }

    private Installation start(Path config) throws IOException {
        return Installation.start(
                temp.resolve("home"),
                new Settings(Optional.of(config)),
                Optional.of(0),
                Optional.of(0),
                Files.createDirectories(temp.resolve("no-models")),
                Clock.systemUTC(),
                _ -> {});
    }

    private HttpClient client(Optional<IssuedCertificate> shown) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(temp.resolve("home/tls/ca.pem"))) {
            anchors.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        if (shown.isPresent()) {
            X509Certificate[] chain = shown.get().chain().toArray(X509Certificate[]::new);
            keys.setKeyEntry("own", shown.get().key(), new char[0], chain);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static IssuedCertificate app(CertificateAuthority authority) {
        return authority.workload(new WorkloadId(authority.trustDomain(), "/app/search"), HOUR);
    }

    private HttpResponse<String> whoami(Installation atlas, IssuedCertificate shown)
            throws Exception {
        try (HttpClient client = client(Optional.of(shown))) {
            return client.send(
                    HttpRequest.newBuilder(atlas.control().resolve("/api/v1/whoami")).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private boolean accepted(Installation atlas, IssuedCertificate shown) throws Exception {
        try {
            return whoami(atlas, shown).statusCode() == 200;
        } catch (IOException e) {
            // Refused in the handshake.
            return false;
        }
    }

    @Test
    void processesAndGuestsAreKnownByTheirFilesAndFollowThem() throws Exception {
        try (Installation atlas = start(config("gateway,node,control"))) {
            grant(atlas, "spiffe://partner.example/app/search");
            HttpResponse<String> guest = whoami(atlas, app(partner));
            assertThat(guest.statusCode()).as(guest.body()).isEqualTo(200);
            assertThat(JSON.readTree(guest.body()).toString())
                    .contains("spiffe://partner.example/app/search");

            assertThat(nodeOf(atlas)).isTrue();

            // The partner's root changes: without a restart the new one counts, the old one not.
            CertificateAuthority next =
                    CertificateAuthority.create("partner.example", Clock.systemUTC());
            writeBundle("partner.pem", next);
            IssuedCertificate fresh = app(next);
            while (!accepted(atlas, fresh)) {
                Thread.onSpinWait();
            }
            assertThat(accepted(atlas, app(partner))).isFalse();

            // Ours are renewed as well, and the processes go on talking to each other.
            for (String process : List.of("gateway", "node", "control")) {
                write(process);
            }
            assertThat(nodeOf(atlas)).isTrue();
        }
    }

    private String key(Role role) throws IOException {
        JsonNode keys = JSON.readTree(temp.resolve("home/bootstrap.json").toFile());
        return keys.at("/" + role.wireName() + "/key").asText();
    }

    private void grant(Installation atlas, String principal) throws Exception {
        String grant =
                "{\"principal\":\"" + principal + "\",\"role\":\"consumer\",\"models\":[\"*\"]}";
        try (HttpClient client = client(Optional.empty())) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(atlas.control().resolve("/api/v1/grants"))
                                    .header("authorization", "Bearer " + key(Role.SECURITY_ADMIN))
                                    .header("content-type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(grant))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode() / 100).as(answer.body()).isEqualTo(2);
        }
    }

    /** Whether the control plane gets an answer out of the node. */
    private boolean nodeOf(Installation atlas) throws Exception {
        URI status = atlas.control().resolve("/api/v1/status");
        try (HttpClient client = client(Optional.empty())) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(status)
                                    .header("authorization", "Bearer " + key(Role.OPERATOR))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            JsonNode state = JSON.readTree(answer.body()).at("/processes/node/state");
            assertThat(state.asText()).isNotEmpty();
            return !state.asText().equals("unreachable");
        }
    }

    @Test
    void anImpostorOfAnotherDomainIsRefusedByTheDoorItself() throws Exception {
        try (Installation atlas = start(config("gateway,node,control"))) {
            CertificateAuthority impostor =
                    CertificateAuthority.create("partner.example", Clock.systemUTC());
            CertificateAuthority third =
                    CertificateAuthority.create("third.example", Clock.systemUTC());
            assertThat(accepted(atlas, app(impostor))).isFalse();
            assertThat(accepted(atlas, app(third))).isFalse();
            // Ours, but with no grant.
            assertThat(accepted(atlas, app(ours))).isFalse();
        }
    }

    @Test
    void processesOfDifferentDomainsDoNotStart() throws Exception {
        Path config = config("gateway");
        assertThatThrownBy(() -> start(config)).hasMessageContaining("one trust domain");
    }

    @Test
    void anIdentityForAnotherProcessIsNotUsed() throws Exception {
        Path config = config("gateway,node,control");
        Files.copy(
                temp.resolve("control.pem"),
                temp.resolve("gateway.pem"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.copy(
                temp.resolve("control.key"),
                temp.resolve("gateway.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> start(config)).hasMessageContaining("/gateway");
    }

    @Test
    void anAgentThatDoesNotAnswerKeepsTheInstallationFromStarting() throws Exception {
        Path config =
                Files.writeString(
                        temp.resolve("atlas.yaml"),
                        """
                        identity:
                          workload-api:
                            socket: no-agent.sock
                            trust-domain: prod.example
                            patience: 200ms
                        """,
                        StandardCharsets.UTF_8);
        assertThatThrownBy(() -> start(config)).hasMessageContaining("no-agent.sock");
    }
}
