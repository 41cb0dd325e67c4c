package atlas.control.link;

import atlas.control.policies.Risks.Mark;
import atlas.control.policies.Risks.Who;
import atlas.control.store.SqlApiKeyStore;
import atlas.control.store.SqlGrantStore;
import atlas.control.wire.LinkException;
import atlas.control.wire.Wire;
import atlas.core.Sensitive;
import atlas.core.json.Json;
import atlas.identity.ApiKey;
import atlas.policy.Grant;
import atlas.registry.DeployedModels;
import atlas.registry.TrustedSigners;
import atlas.registry.oms.KeylessIdentity;
import atlas.registry.oms.SigstoreRoot;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the control plane decides by, at one moment, as far as one kind of workload needs it.
 *
 * @param access who may do what; a node needs none of it and is told none
 * @param signers whose signatures on models count
 */
record State(Optional<Access> access, DeployedModels models, TrustedSigners signers) {

    /**
     * API keys, grants and the policy file.
     *
     * @param pepper what key hashes are keyed with
     * @param policy the text of the policy file in force; empty when there is none
     * @param segments the network segments that its conditions ask about
     * @param risks how risky principals look, which its conditions ask about as well
     */
    record Access(
            Sensitive<byte[]> pepper,
            List<ApiKey> keys,
            List<Grant> grants,
            String policy,
            Map<String, Set<String>> segments,
            Map<Who, Mark> risks,
            Tokens tokens) {
        Access {
            keys = List.copyOf(keys);
            grants = List.copyOf(grants);
            risks = Map.copyOf(risks);
        }
    }

    /**
     * How tokens of ours are checked.
     *
     * @param jwks the keys that sign them
     * @param revocations what is taken back, as a signed statement
     */
    record Tokens(String issuer, String jwks, String revocations) {}

    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            if (access.isPresent()) {
                write(out, access.get());
            }
            out.writeFieldName("models");
            out.writeRawValue(Wire.text(models.json()));
            out.writeObjectFieldStart("signers");
            for (Map.Entry<String, PublicKey> key : new TreeMap<>(signers.keys()).entrySet()) {
                out.writeFieldName(key.getKey());
                Wire.write(out, key.getValue().getEncoded());
            }
            out.writeEndObject();
            out.writeObjectFieldStart("authorities");
            for (Map.Entry<String, X509Certificate> authority :
                    new TreeMap<>(signers.authorities()).entrySet()) {
                out.writeFieldName(authority.getKey());
                Wire.write(out, Wire.encoded(authority.getValue()));
            }
            out.writeEndObject();
            writeOthers(out);
            out.writeEndObject();
        });
    }

    private void writeOthers(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("identities");
        for (Map.Entry<String, KeylessIdentity> one :
                new TreeMap<>(signers.identities()).entrySet()) {
            out.writeObjectFieldStart(one.getKey());
            out.writeStringField("subject", one.getValue().subject());
            out.writeStringField("issuer", one.getValue().issuer());
            out.writeEndObject();
        }
        out.writeEndObject();
        out.writeObjectFieldStart("seconds");
        for (Map.Entry<String, PublicKey> key : new TreeMap<>(signers.seconds()).entrySet()) {
            out.writeFieldName(key.getKey());
            Wire.write(out, key.getValue().getEncoded());
        }
        out.writeEndObject();
        if (signers.sigstore().isPresent()) {
            out.writeFieldName("sigstore");
            Wire.write(out, signers.sigstore().get().json());
        }
    }

    private static void write(JsonGenerator out, Access access) throws IOException {
        out.writeFieldName("pepper");
        Wire.write(out, access.pepper.reveal());
        out.writeStringField("policy", access.policy);
        out.writeObjectFieldStart("segments");
        for (Map.Entry<String, Set<String>> segment : new TreeMap<>(access.segments).entrySet()) {
            out.writeArrayFieldStart(segment.getKey());
            for (String block : new TreeSet<>(segment.getValue())) {
                out.writeString(block);
            }
            out.writeEndArray();
        }
        out.writeEndObject();
        write(out, access.risks);
        out.writeStringField("token_issuer", access.tokens.issuer);
        out.writeStringField("token_keys", access.tokens.jwks);
        out.writeStringField("revocations", access.tokens.revocations);
        out.writeObjectFieldStart("keys");
        for (ApiKey key : access.keys) {
            out.writeFieldName(key.id());
            out.writeRawValue(Wire.text(SqlApiKeyStore.encode(key)));
        }
        out.writeEndObject();
        out.writeArrayFieldStart("grants");
        for (Grant grant : access.grants) {
            out.writeRawValue(Wire.text(SqlGrantStore.encode(grant)));
        }
        out.writeEndArray();
    }

    private static void write(JsonGenerator out, Map<Who, Mark> risks) throws IOException {
        out.writeArrayFieldStart("risks");
        for (Map.Entry<Who, Mark> risk : risks.entrySet()) {
            out.writeStartObject();
            out.writeStringField("tenant", risk.getKey().tenant());
            out.writeStringField("principal", risk.getKey().principal());
            out.writeStringField("high", risk.getValue().high().toString());
            out.writeStringField("elevated", risk.getValue().elevated().toString());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static Map<Who, Mark> risks(JsonNode node) {
        Map<Who, Mark> risks = new HashMap<>();
        for (JsonNode risk : node.required("risks")) {
            risks.put(
                    new Who(Wire.text(risk, "tenant"), Wire.text(risk, "principal")),
                    new Mark(
                            Instant.parse(Wire.text(risk, "high")),
                            Instant.parse(Wire.text(risk, "elevated"))));
        }
        return risks;
    }

    static State parse(JsonNode node) {
        Optional<Access> access = Optional.empty();
        if (node.has("pepper")) {
            List<ApiKey> keys = new ArrayList<>();
            for (Map.Entry<String, JsonNode> key : node.required("keys").properties()) {
                byte[] record = Wire.bytes(key.getValue());
                keys.add(SqlApiKeyStore.decode(key.getKey(), record, Optional.empty()));
            }
            List<Grant> grants = new ArrayList<>();
            for (JsonNode grant : node.required("grants")) {
                grants.add(SqlGrantStore.decode(Wire.bytes(grant)));
            }
            Sensitive<byte[]> pepper = Sensitive.of(Wire.binary(node, "pepper"));
            Tokens tokens =
                    new Tokens(
                            Wire.text(node, "token_issuer"),
                            Wire.text(node, "token_keys"),
                            Wire.text(node, "revocations"));
            access =
                    Optional.of(
                            new Access(
                                    pepper,
                                    keys,
                                    grants,
                                    Wire.text(node, "policy"),
                                    segments(node),
                                    risks(node),
                                    tokens));
        }
        return new State(
                access, DeployedModels.parse(Wire.bytes(node.required("models"))), signers(node));
    }

    private static Map<String, Set<String>> segments(JsonNode node) {
        Map<String, Set<String>> segments = new TreeMap<>();
        for (Map.Entry<String, JsonNode> segment : node.required("segments").properties()) {
            Set<String> blocks = new TreeSet<>();
            segment.getValue().forEach(block -> blocks.add(block.asText()));
            segments.put(segment.getKey(), blocks);
        }
        return segments;
    }

    private static TrustedSigners signers(JsonNode node) {
        TrustedSigners signers = TrustedSigners.none();
        try {
            for (Map.Entry<String, JsonNode> key : node.required("signers").properties()) {
                byte[] der = Wire.binary(key.getValue());
                signers = signers.withKey(key.getKey(), publicKey(der));
            }
            CertificateFactory certificates = CertificateFactory.getInstance("X.509");
            for (Map.Entry<String, JsonNode> one : node.required("authorities").properties()) {
                ByteArrayInputStream der = new ByteArrayInputStream(Wire.binary(one.getValue()));
                signers =
                        signers.withAuthority(
                                one.getKey(),
                                (X509Certificate) certificates.generateCertificate(der));
            }
            for (Map.Entry<String, JsonNode> one : node.required("identities").properties()) {
                signers =
                        signers.withIdentity(
                                one.getKey(),
                                new KeylessIdentity(
                                        Wire.text(one.getValue(), "subject"),
                                        Wire.text(one.getValue(), "issuer")));
            }
            for (Map.Entry<String, JsonNode> key : node.required("seconds").properties()) {
                byte[] der = Wire.binary(key.getValue());
                signers = signers.withSecond(key.getKey(), publicKey(der));
            }
            if (node.has("sigstore")) {
                signers = signers.checkedAgainst(SigstoreRoot.parse(Wire.binary(node, "sigstore")));
            }
        } catch (GeneralSecurityException e) {
            throw new LinkException("a signer the control plane trusts cannot be read", e);
        }
        return signers;
    }

    private static PublicKey publicKey(byte[] der) throws GeneralSecurityException {
        X509EncodedKeySpec spec = new X509EncodedKeySpec(der);
        GeneralSecurityException last = new GeneralSecurityException("no algorithm");
        for (String algorithm : List.of("EC", "Ed25519", "RSA", "ML-DSA-65")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePublic(spec);
            } catch (GeneralSecurityException e) {
                last = e;
            }
        }
        throw last;
    }
}
