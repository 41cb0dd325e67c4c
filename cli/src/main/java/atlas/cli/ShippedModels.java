package atlas.cli;

import atlas.control.TrustRoot;
import atlas.core.AuditEvent.Actor;
import atlas.core.ModelRef;
import atlas.registry.ModelSigner;
import atlas.registry.ModelVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Puts the models that ship with Atlas into an empty registry, along the way every model goes:
 * signed, scanned, sealed, approved by another than who pushed, deployed by a third.
 */
final class ShippedModels {
    /** The model a first question goes to. */
    static final String CHAT = "atlas-demo";

    private static final List<String> NAMES = List.of(CHAT, "atlas-embed");

    private final Path folder;
    private final TrustRoot trust;
    private final Consumer<String> say;

    ShippedModels(Path folder, TrustRoot trust, Consumer<String> say) {
        this.folder = folder;
        this.trust = trust;
        this.say = say;
    }

    /**
     * Installs those that are not there in any version, and those that serve without their bytes,
     * as in a home restored from a backup without weights; what people did with them stays.
     */
    void install() {
        for (String name : NAMES) {
            Path source = folder.resolve(name);
            if (Files.isDirectory(source) && missing(name)) {
                say.accept("atlas: signing, scanning and sealing " + name);
                ModelSigner signer =
                        new ModelSigner(trust.demoSigner().getPrivate(), Optional.empty());
                ModelVersion pushed =
                        trust.registry()
                                .push(
                                        source,
                                        name,
                                        signer.sign(source),
                                        Actor.system("model-publisher"),
                                        _ -> {});
                ModelRef ref = pushed.ref();
                trust.registry().approve(ref, Actor.system("model-approver"));
                trust.registry().deploy(ref, Actor.system("model-operator"));
            }
        }
    }

    private boolean missing(String name) {
        List<ModelVersion> versions = versions(name);
        return versions.isEmpty()
                || versions.stream()
                        .filter(version -> version.state() == ModelVersion.State.DEPLOYED)
                        .filter(version -> version.signer().equals(TrustRoot.DEMO_SIGNER))
                        .anyMatch(version -> !trust.registry().hasObjects(version.ref()));
    }

    private List<ModelVersion> versions(String name) {
        return trust.registry().list().stream()
                .filter(version -> version.ref().name().equals(name))
                .toList();
    }
}
