package atlas.control;

import atlas.control.enrol.JoinDoor;
import atlas.control.enrol.JoinToken;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.json.Json;
import atlas.identity.CertificateAuthority.Request;
import atlas.runtime.http.TlsIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * The first call of a workload: it has no certificate yet, so it believes only a server under the
 * root in its token, and is believed for the token's secret. The keys are made here and stay here.
 */
final class Joining {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private Joining() {}

    static Membership with(JoinToken token) {
        KeyPair server = Request.freshKey();
        KeyPair client = Request.freshKey();
        byte[] asked =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("id", token.id());
                    Wire.write(out, "secret", token.secret().reveal());
                    Wire.write(out, "server_request", Request.of(server));
                    Wire.write(out, "client_request", Request.of(client));
                    out.writeEndObject();
                });
        try {
            return membership(token, Wire.object(send(token, asked)), server, client);
        } catch (LinkException e) {
            throw new TrustRootException(
                    "what the control plane at `" + token.control() + "` answered is no welcome",
                    e);
        }
    }

    private static Membership membership(
            JoinToken token, JsonNode welcome, KeyPair server, KeyPair client) {
        List<X509Certificate> root = Wire.chain(welcome, "root");
        if (!root.getFirst().equals(token.root())) {
            throw new LinkException("another root than the token's", null);
        }
        return new Membership(
                Wire.text(welcome, "role"),
                Wire.text(welcome, "name"),
                Wire.text(welcome, "trust_domain"),
                new Membership.Place(
                        token.control().getHost(), welcome.path("link_port").intValue()),
                Membership.publicKey(Wire.binary(welcome, "statement_key")),
                Duration.ofSeconds(welcome.path("renew_after_seconds").longValue()),
                new TlsIdentity(server.getPrivate(), Wire.chain(welcome, "server"), root),
                new TlsIdentity(client.getPrivate(), Wire.chain(welcome, "client"), root));
    }

    private static byte[] send(JoinToken token, byte[] asked) {
        URI place = token.control().resolve(JoinDoor.PATH);
        HttpRequest request =
                HttpRequest.newBuilder(place)
                        .timeout(PATIENCE)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(asked))
                        .build();
        try (HttpClient http = under(token.root())) {
            HttpResponse<byte[]> response =
                    http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return switch (response.statusCode()) {
                case 200 -> response.body();
                case 401 ->
                        throw new TrustRootException(
                                "the control plane does not know this join token; it works once,"
                                        + " for minutes: make another with `atlas node join-token`",
                                null);
                default ->
                        throw new TrustRootException(
                                "the control plane at `"
                                        + place
                                        + "` answered "
                                        + response.statusCode()
                                        + "; try again when it is well",
                                null);
            };
        } catch (IOException e) {
            throw new TrustRootException(
                    "the control plane at `" + place + "` cannot be reached: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrustRootException("interrupted while joining", e);
        }
    }

    private static HttpClient under(X509Certificate root) {
        try {
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            anchors.setCertificateEntry("root", root);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(anchors);
            SSLContext tls = SSLContext.getInstance("TLSv1.3");
            tls.init(null, trust.getTrustManagers(), null);
            SSLParameters parameters = new SSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            return HttpClient.newBuilder()
                    .sslContext(tls)
                    .sslParameters(parameters)
                    .connectTimeout(PATIENCE)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new TrustRootException("the token's root cannot be trusted", e);
        }
    }
}
