package atlas.control;

import atlas.control.trust.SigningKey;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.json.Json;
import atlas.runtime.http.TlsIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.List;

/**
 * What joining gave: who one is, with which keys, whom to believe, and where to go on asking.
 *
 * @param control where the control plane answers those who have joined
 * @param statementKey whose statements are believed
 */
record Membership(
        String role,
        String name,
        String trustDomain,
        Place control,
        PublicKey statementKey,
        Duration renewAfter,
        TlsIdentity server,
        TlsIdentity client) {

    /** A host as the token named it, and a port as the control plane said. */
    record Place(String host, int port) {}

    /** The same with other certificates. */
    Membership with(TlsIdentity newServer, TlsIdentity newClient) {
        return new Membership(
                role, name, trustDomain, control, statementKey, renewAfter, newServer, newClient);
    }

    /** The same at another place. */
    Membership at(Place place) {
        return new Membership(
                role, name, trustDomain, place, statementKey, renewAfter, server, client);
    }

    byte[] rootPem() {
        byte[] der = Wire.encoded(server.trust().getFirst());
        return SigningKey.pem("CERTIFICATE", der).getBytes(StandardCharsets.US_ASCII);
    }

    /** With its private keys; for a sealed file. */
    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("role", role);
            out.writeStringField("name", name);
            out.writeStringField("trust_domain", trustDomain);
            out.writeStringField("host", control.host);
            out.writeNumberField("port", control.port);
            out.writeNumberField("renew_after_seconds", renewAfter.toSeconds());
            Wire.write(out, "statement_key", statementKey.getEncoded());
            Wire.write(out, "root", server.trust());
            Wire.write(out, "server_key", server.key().getEncoded());
            Wire.write(out, "server", server.chain());
            Wire.write(out, "client_key", client.key().getEncoded());
            Wire.write(out, "client", client.chain());
            out.writeEndObject();
        });
    }

    static Membership parse(byte[] json) {
        JsonNode node = Wire.object(json);
        List<X509Certificate> root = Wire.chain(node, "root");
        return new Membership(
                Wire.text(node, "role"),
                Wire.text(node, "name"),
                Wire.text(node, "trust_domain"),
                new Place(Wire.text(node, "host"), node.path("port").intValue()),
                publicKey(Wire.binary(node, "statement_key")),
                Duration.ofSeconds(node.path("renew_after_seconds").longValue()),
                identity(node, "server", root),
                identity(node, "client", root));
    }

    private static TlsIdentity identity(JsonNode node, String which, List<X509Certificate> root) {
        PrivateKey key = privateKey(Wire.binary(node, which + "_key"));
        return new TlsIdentity(key, Wire.chain(node, which), root);
    }

    static PublicKey publicKey(byte[] der) {
        try {
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            throw new LinkException("not a P-256 key", e);
        }
    }

    private static PrivateKey privateKey(byte[] der) {
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            throw new LinkException("not a P-256 key", e);
        }
    }
}
