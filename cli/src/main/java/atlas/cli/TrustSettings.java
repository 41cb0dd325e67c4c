package atlas.cli;

import atlas.control.HomeConfig;
import atlas.control.TrustRootConfig;
import atlas.identity.ApiKeys.Cadence;
import atlas.registry.TrustedSigners;
import atlas.registry.oms.KeylessIdentity;
import atlas.registry.oms.OmsException;
import atlas.registry.oms.SigstoreRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The {@code trust} section: what the trust root is made for, and whose models count.
 *
 * @param trustDomain the SPIFFE trust domain; fixed at first start
 * @param serverNames DNS names and addresses the servers answer to, beside localhost
 * @param modelSigners who may sign models, beside the demo model's own key
 * @param sigstoreRoot what keyless signatures are checked against
 */
public record TrustSettings(
        String trustDomain,
        List<String> serverNames,
        Duration bootstrapLifetime,
        Duration certificateLifetime,
        List<Signer> modelSigners,
        Optional<Path> sigstoreRoot) {
    public TrustSettings {
        serverNames = List.copyOf(serverNames);
        modelSigners = List.copyOf(modelSigners);
    }

    /**
     * One signer: a key, an authority whose certificates for code signing count, or an identity
     * that signs without a key.
     *
     * @param name as it appears in records
     * @param mlDsaPublicKey with which the holder of the key signs a second time
     */
    public record Signer(
            String name,
            Optional<Path> publicKey,
            Optional<Path> authority,
            Optional<String> identity,
            Optional<String> issuer,
            Optional<Path> mlDsaPublicKey) {
        public Signer {
            long ways =
                    Stream.of(publicKey, authority, identity).filter(Optional::isPresent).count();
            if (ways != 1) {
                throw new IllegalArgumentException(
                        "signer `"
                                + name
                                + "` needs exactly one of `public-key`, `authority` and"
                                + " `identity`");
            }
            if (identity.isPresent() != issuer.isPresent()) {
                throw new IllegalArgumentException(
                        "signer `" + name + "` needs `identity` and `issuer` together");
            }
            if (mlDsaPublicKey.isPresent() && publicKey.isEmpty()) {
                throw new IllegalArgumentException(
                        "signer `" + name + "` has an `ml-dsa-public-key` and no `public-key`");
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
                List.of(),
                Optional.empty());
    }

    TrustRootConfig resolve(Cadence keys, HomeConfig keeping) {
        TrustedSigners signers = TrustedSigners.none();
        for (Signer signer : modelSigners) {
            signers = with(signers, signer);
        }
        if (sigstoreRoot.isPresent()) {
            Path file = sigstoreRoot.get();
            try {
                signers = signers.checkedAgainst(SigstoreRoot.parse(Files.readAllBytes(file)));
            } catch (IOException | OmsException e) {
                throw Stop.unknown("the trusted root " + file + ": " + e.getMessage());
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

    private static TrustedSigners with(TrustedSigners signers, Signer signer) {
        String name = signer.name();
        if (signer.authority().isPresent()) {
            return signers.withAuthority(
                    name, Pem.certificates(signer.authority().get()).getFirst());
        }
        if (signer.identity().isPresent()) {
            return signers.withIdentity(
                    name,
                    new KeylessIdentity(signer.identity().get(), signer.issuer().orElseThrow()));
        }
        TrustedSigners more =
                signers.withKey(name, Pem.publicKey(signer.publicKey().orElseThrow()));
        if (signer.mlDsaPublicKey().isEmpty()) {
            return more;
        }
        Path second = signer.mlDsaPublicKey().get();
        try {
            return more.withSecond(
                    name, atlas.registry.oms.Pem.secondPublicKey(Files.readString(second)));
        } catch (IOException | OmsException e) {
            throw Stop.unknown(second + ": " + e.getMessage());
        }
    }
}
