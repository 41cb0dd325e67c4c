package atlas.cli;

import atlas.control.HomeConfig;
import atlas.control.TrustRootConfig;
import atlas.identity.ApiKeys.Cadence;
import atlas.registry.TrustedSigners;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The {@code trust} section: what the trust root is made for, and whose models count.
 *
 * @param trustDomain the SPIFFE trust domain; fixed at first start
 * @param serverNames DNS names and addresses the servers answer to, beside localhost
 * @param modelSigners who may sign models, beside the demo model's own key
 */
public record TrustSettings(
        String trustDomain,
        List<String> serverNames,
        Duration bootstrapLifetime,
        Duration certificateLifetime,
        List<Signer> modelSigners) {
    public TrustSettings {
        serverNames = List.copyOf(serverNames);
        modelSigners = List.copyOf(modelSigners);
    }

    /**
     * One signer: a key, or an authority whose certificates for code signing count.
     *
     * @param name as it appears in records
     */
    public record Signer(String name, Optional<Path> publicKey, Optional<Path> authority) {
        public Signer {
            if (publicKey.isPresent() == authority.isPresent()) {
                throw new IllegalArgumentException(
                        "signer `" + name + "` needs exactly one of `public-key` and `authority`");
            }
        }
    }

    public static TrustSettings defaults() {
        TrustRootConfig usual = TrustRootConfig.defaults();
        return new TrustSettings(
                usual.trustDomain(),
                usual.serverNames(),
                usual.bootstrapLifetime(),
                usual.certificateLifetime(),
                List.of());
    }

    TrustRootConfig resolve(Cadence keys, HomeConfig keeping) {
        TrustedSigners signers = TrustedSigners.none();
        for (Signer signer : modelSigners) {
            if (signer.publicKey().isPresent()) {
                signers = signers.withKey(signer.name(), Pem.publicKey(signer.publicKey().get()));
            } else {
                signers =
                        signers.withAuthority(
                                signer.name(),
                                Pem.certificates(signer.authority().orElseThrow()).getFirst());
            }
        }
        return new TrustRootConfig(
                trustDomain,
                serverNames,
                bootstrapLifetime,
                certificateLifetime,
                signers,
                keys,
                keeping);
    }
}
