package atlas.registry;

import atlas.registry.ModelSigner.Signature;
import atlas.registry.oms.OmsManifest;
import atlas.registry.oms.OmsVerifier;
import atlas.registry.oms.OmsVerifier.Authentication;
import atlas.registry.oms.SecondSignature;
import atlas.registry.oms.TrustPolicy;
import java.security.PublicKey;
import java.time.Clock;
import java.util.Optional;

/** Checks OMS bundles against the signers trusted now. */
record Signatures(TrustedSigners signers, Clock clock) {

    /**
     * The manifest a trusted signer signed. Where a second signature is required, by the trust in
     * its signer or because the version was kept with one, both have to hold.
     *
     * @throws RegistryRefusal when no trusted signer did
     */
    OmsManifest require(String model, Signature signature) {
        OmsManifest manifest = first(model, signature);
        second(model, manifest, signature);
        return manifest;
    }

    /** What is kept of what a push brings: no second signature where its signer signs once. */
    Signature kept(String model, Signature signature) {
        return signers.seconds().containsKey(first(model, signature).signer())
                ? signature
                : new Signature(signature.bundle());
    }

    private OmsManifest first(String model, Signature signature) {
        TrustPolicy policy =
                new TrustPolicy(
                        signers.keys(),
                        signers.authorities(),
                        signers.identities(),
                        signers.sigstore(),
                        clock);
        return switch (OmsVerifier.authenticate(signature.bundle(), policy)) {
            case Authentication.Authentic(OmsManifest manifest) -> manifest;
            case Authentication.NotAuthentic(String reason) -> throw refused(model, reason);
            case Authentication.Unreadable(String why) -> throw refused(model, why);
        };
    }

    private void second(String model, OmsManifest manifest, Signature signature) {
        PublicKey key = signers.seconds().get(manifest.signer());
        Optional<byte[]> second = signature.second();
        if (key == null && second.isEmpty()) {
            return;
        }
        if (key == null) {
            throw refused(model, "it was signed twice, and no second key is trusted here");
        }
        if (second.isEmpty()) {
            throw refused(model, "its signer signs twice, and the second signature is missing");
        }
        Optional<String> problem = SecondSignature.problem(signature.bundle(), second.get(), key);
        if (problem.isPresent()) {
            throw refused(model, problem.get());
        }
    }

    private static RegistryRefusal refused(String model, String reason) {
        return new RegistryRefusal(
                RegistryRefusal.Cause.SIGNATURE,
                "the signature of `" + model + "` does not hold: " + reason);
    }
}
