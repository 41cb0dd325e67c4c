package atlas.registry.oms;

import atlas.registry.json.StrictJson;
import atlas.registry.sigstore.SigstoreBundle;
import atlas.registry.sigstore.SigstoreBundle.Content;
import atlas.registry.sigstore.SigstoreVerifier;
import atlas.registry.sigstore.TrustedRoot;
import atlas.registry.sigstore.Unproven;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.PublicKey;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Signatures that bring evidence along: keyless ones, and those of keys with log entries. */
final class LoggedBundle {
    private LoggedBundle() {}

    /** Whether a bundle brings evidence that has to be checked. */
    static boolean is(byte[] bundle) {
        try {
            JsonNode root = StrictJson.parse(bundle);
            JsonNode material = root.path("verificationMaterial");
            return root.has("messageSignature")
                    || material.has("certificate")
                    || !material.path("tlogEntries").isEmpty()
                    || !material.path("timestampVerificationData").isEmpty()
                    || root.path("mediaType").asText("").contains("+json;version=");
        } catch (StrictJson.NotJson e) {
            return false;
        }
    }

    static OmsManifest manifest(byte[] bytes, TrustPolicy policy) throws Refused {
        try {
            TrustedRoot root = policy.sigstore().orElseGet(SigstoreRoot::publicGood).root();
            SigstoreBundle bundle = SigstoreBundle.parse(bytes);
            String signer = signer(bundle, policy, new SigstoreVerifier(root));
            return new OmsManifest(statement(bundle), new OmsManifest.By(signer, Optional.empty()));
        } catch (Unproven e) {
            throw new Refused(e.reason());
        }
    }

    private static String signer(
            SigstoreBundle bundle, TrustPolicy policy, SigstoreVerifier verifier) throws Unproven {
        Unproven why =
                new Unproven(
                        bundle.hint().isPresent()
                                ? "signed by a key, and no key is trusted here"
                                : "signed without a key, and no identity is trusted here");
        for (Map.Entry<String, KeylessIdentity> trusted :
                new TreeMap<>(policy.identities()).entrySet()) {
            KeylessIdentity identity = trusted.getValue();
            try {
                verifier.requireIdentity(
                        bundle,
                        new SigstoreVerifier.Identity(identity.subject(), identity.issuer()));
                return trusted.getKey() + " (" + identity.issuer() + ")";
            } catch (Unproven e) {
                why = e;
            }
        }
        for (Map.Entry<String, PublicKey> trusted : new TreeMap<>(policy.keys()).entrySet()) {
            try {
                verifier.requireKey(bundle, trusted.getValue());
                return trusted.getKey();
            } catch (Unproven e) {
                why = e;
            }
        }
        throw why;
    }

    private static OmsStatement statement(SigstoreBundle bundle) throws Refused, Unproven {
        return switch (bundle.content()) {
            case Content.Message message ->
                    OmsStatement.ofFile(SigstoreVerifier.file(bundle, message));
            case Content.Envelope envelope -> {
                if (!envelope.payloadType().equals(OmsStatement.PAYLOAD_TYPE)) {
                    throw new Refused("the payloadType is not `" + OmsStatement.PAYLOAD_TYPE + "`");
                }
                yield OmsStatement.parseLogged(envelope.payload());
            }
        };
    }
}
