package atlas.control.posture;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditLog;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.core.crypto.Hashes;
import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import atlas.registry.ModelRegistry;
import atlas.registry.ModelSigner;
import atlas.registry.ModelVersion;
import atlas.registry.OpenedModel;
import atlas.registry.RegistryConfig;
import atlas.registry.RegistryRefusal;
import atlas.registry.TrustedSigners;
import atlas.vault.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Brings models that must not be taken: of an unknown signer, altered after signing; and loads one
 * whose stored bytes were altered, from a registry of its own under the same keys.
 */
final class SigningCheck implements Check {
    private static final String NAME = "posture-drill";

    @Override
    public Control control() {
        return Control.SIGNING;
    }

    @Override
    public Measurement measure(Drill drill) throws IOException {
        Surroundings with = drill.surroundings();
        Path scratch = Files.createTempDirectory(with.anchors().staging(), "posture-model");
        try {
            Path model = Files.createDirectories(scratch.resolve("model"));
            Files.writeString(model.resolve("config.json"), "{\"posture\":\"drill\"}");
            Files.writeString(model.resolve("README.md"), "A model that is none.\n");
            List<Observation> seen = new ArrayList<>();
            seen.add(unknownSigner(with, model));
            seen.add(altered(with, model));
            seen.add(alteredAtRest(with, model, scratch.resolve("registry")));
            seen.add(served(with.models().registry()));
            return Measurement.of(control(), "models that must not be taken were brought", seen);
        } finally {
            Scratch.remove(scratch);
        }
    }

    private static Observation unknownSigner(Surroundings with, Path model) {
        ModelSigner.Signature signature = sign(pair(), model);
        return refused(
                with.models().registry(), model, signature, "a model signed by nobody we trust");
    }

    private static Observation altered(Surroundings with, Path model) throws IOException {
        ModelSigner.Signature signature = sign(with.models().trustedSigner(), model);
        Path file = model.resolve("config.json");
        String before = Files.readString(file);
        Files.writeString(file, before.replace("drill", "drilt"));
        try {
            return refused(
                    with.models().registry(), model, signature, "a model altered after signing");
        } finally {
            Files.writeString(file, before);
        }
    }

    private static Observation refused(
            ModelRegistry registry, Path model, ModelSigner.Signature signature, String what) {
        try {
            ModelVersion taken =
                    registry.push(model, NAME, signature, Actor.system("posture"), _ -> {});
            registry.retire(taken.ref(), Actor.system("posture"));
            return Observation.bad(what + " was taken as " + taken.ref());
        } catch (RegistryRefusal e) {
            return Observation.good(what + " is refused");
        }
    }

    private static Observation alteredAtRest(Surroundings with, Path model, Path home)
            throws IOException {
        String tenant = Principal.DEFAULT_TENANT;
        KeyPair signer = with.models().trustedSigner();
        try (ModelRegistry registry =
                ModelRegistry.open(
                        new RegistryConfig(Files.createDirectories(home)),
                        with.keys().vault().objects(tenant),
                        with.keys().vault().sealer(Purpose.WEIGHTS, tenant),
                        TrustedSigners.none().withKey("posture", signer.getPublic()),
                        SigningCheck::unrecorded,
                        with.clock())) {
            ModelRef ref =
                    registry.push(model, NAME, sign(signer, model), Actor.system("one"), _ -> {})
                            .ref();
            registry.approve(ref, Actor.system("two"));
            if (!loads(registry, ref)) {
                return Observation.bad("an unaltered model does not load");
            }
            flip(home.resolve("objects"));
            return Observation.of(
                    !loads(registry, ref), "a model with one bit flipped at rest does not load");
        }
    }

    // What happens in this registry is about a model that never was; the loads are not facts.
    private static CompletableFuture<AuditLog.Receipt> unrecorded(AuditEvent event) {
        return CompletableFuture.completedFuture(
                new AuditLog.Receipt(0, Hashes.sha256(new byte[0])));
    }

    private static boolean loads(ModelRegistry registry, ModelRef ref) {
        try (OpenedModel model = registry.openForServing(ref, "posture")) {
            return !model.files().isEmpty();
        } catch (RegistryRefusal e) {
            return false;
        }
    }

    private static void flip(Path objects) throws IOException {
        try (Stream<Path> files = Files.list(objects)) {
            Path biggest =
                    files.max(Comparator.comparingLong(file -> file.toFile().length()))
                            .orElseThrow(() -> new NoSuchFileException(objects.toString()));
            byte[] bytes = Files.readAllBytes(biggest);
            bytes[bytes.length / 2] ^= 1;
            Files.write(biggest, bytes);
        }
    }

    private static Observation served(ModelRegistry registry) {
        List<ModelRef> unsigned =
                registry.list().stream()
                        .filter(version -> version.state() == ModelVersion.State.DEPLOYED)
                        .filter(version -> version.signer().isEmpty())
                        .map(ModelVersion::ref)
                        .toList();
        return Observation.of(
                unsigned.isEmpty() && registry.problems().isEmpty(),
                unsigned.isEmpty() && registry.problems().isEmpty()
                        ? "every deployed version has a signer who is trusted"
                        : "deployed without a trusted signer: "
                                + unsigned
                                + registry.problems().keySet());
    }

    private static ModelSigner.Signature sign(KeyPair pair, Path model) {
        return new ModelSigner(pair.getPrivate(), Optional.empty()).sign(model);
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }
}
