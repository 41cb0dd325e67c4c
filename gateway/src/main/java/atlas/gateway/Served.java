package atlas.gateway;

import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.ModelRef;
import atlas.core.crypto.Hashes;
import atlas.registry.Admission.Admitted;
import atlas.registry.ModelVersion;
import java.util.List;
import java.util.Set;

/** A model that may serve: one the registry admitted, or a remote engine named in the config. */
sealed interface Served {
    ModelIdentity identity();

    /** Kinds of content besides text that the model's record says it takes. */
    Set<String> declared();

    /** A version whose signature, record and digests the registry vouches for. */
    record Verified(Admitted admission) implements Served {
        @Override
        public ModelIdentity identity() {
            ModelVersion version = admission.version();
            return new ModelIdentity(version.ref(), version.rootDigest(), version.signer());
        }

        @Override
        public Set<String> declared() {
            String modalities = admission.version().card().getOrDefault("input-modalities", "");
            return Set.copyOf(List.of(modalities.split(",")));
        }
    }

    /** A model behind somebody else's API: nothing about its weights can be proved. */
    record Remote(GatewayConfig.Engine engine, ModelIdentity identity) implements Served {
        static final String SIGNER = "none: remote engine, weights not proven";

        Remote(GatewayConfig.Engine engine) {
            this(engine, identityOf(engine));
        }

        private static ModelIdentity identityOf(GatewayConfig.Engine engine) {
            String declaration =
                    "remote " + engine.host() + ":" + engine.port() + " " + engine.engineModel();
            return new ModelIdentity(
                    new ModelRef(engine.model(), 1), Hashes.sha256(declaration), SIGNER);
        }

        @Override
        public Set<String> declared() {
            return Set.copyOf(engine.inputModalities());
        }
    }
}
