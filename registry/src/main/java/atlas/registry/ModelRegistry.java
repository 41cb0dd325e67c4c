package atlas.registry;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditLog;
import atlas.core.ModelRef;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.Sealer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Which models exist, who vouched for them, and may they serve. */
public final class ModelRegistry implements AutoCloseable {
    private ModelRegistry() {}

    public static ModelRegistry open(
            RegistryConfig config,
            ObjectSealer sealer,
            Sealer records,
            TrustedSigners signers,
            AuditLog audit,
            Clock clock) {
        throw new UnsupportedOperationException();
    }

    public ModelVersion push(
            Path directory,
            String name,
            ModelSigner.Signature signature,
            Actor by,
            Consumer<Progress> progress) {
        throw new UnsupportedOperationException();
    }

    public List<ModelVersion> list() {
        throw new UnsupportedOperationException();
    }

    public Optional<ModelVersion> find(ModelRef ref) {
        throw new UnsupportedOperationException();
    }

    public Optional<ModelVersion> deployed(String name) {
        throw new UnsupportedOperationException();
    }

    public ModelVersion approve(ModelRef ref, Actor by) {
        throw new UnsupportedOperationException();
    }

    public ModelVersion deploy(ModelRef ref, Actor by) {
        throw new UnsupportedOperationException();
    }

    public ModelVersion rollback(String name, Actor by) {
        throw new UnsupportedOperationException();
    }

    public ModelVersion retire(ModelRef ref, Actor by) {
        throw new UnsupportedOperationException();
    }

    public Admission admit(String name) {
        throw new UnsupportedOperationException();
    }

    public OpenedModel openForServing(ModelRef ref, String node) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
