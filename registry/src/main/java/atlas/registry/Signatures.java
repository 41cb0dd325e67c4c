package atlas.registry;

import atlas.registry.oms.OmsManifest;
import atlas.registry.oms.OmsVerifier;
import atlas.registry.oms.OmsVerifier.Authentication;
import atlas.registry.oms.TrustPolicy;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Checks OMS bundles against the signers trusted now. */
record Signatures(TrustedSigners signers, Clock clock) {

    /**
     * The manifest a trusted signer signed.
     *
     * @throws RegistryRefusal when no trusted signer did
     */
    OmsManifest require(String model, byte[] bundle) {
        TrustPolicy policy =
                new TrustPolicy(
                        signers.keys(), signers.authorities(), Map.of(), Optional.empty(), clock);
        return switch (OmsVerifier.authenticate(bundle, policy)) {
            case Authentication.Authentic(OmsManifest manifest) -> manifest;
            case Authentication.NotAuthentic(String reason) -> throw refused(model, reason);
            case Authentication.Unreadable(String why) -> throw refused(model, why);
        };
    }

    private static RegistryRefusal refused(String model, String reason) {
        return new RegistryRefusal(
                RegistryRefusal.Cause.SIGNATURE,
                "the signature of `" + model + "` does not hold: " + reason);
    }
}
