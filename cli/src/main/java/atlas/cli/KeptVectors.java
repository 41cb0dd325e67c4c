package atlas.cli;

import atlas.control.TrustRoot;
import atlas.control.WorkloadHome;
import atlas.gateway.GatewayConfig;
import atlas.gateway.GatewayParts;
import atlas.journal.Journal;
import atlas.runtime.ConfigProblem;
import atlas.runtime.Lifecycle;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vectors.VectorStores;
import atlas.vectors.VectorsConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** The vector stores of a home, sealed by its vault and erased as its journal says. */
final class KeptVectors {
    private static final String FOLDER = "vectors";
    private static final String ANSWERS = "answers";
    private static final int MOST_ANSWERS = 1000;

    private KeptVectors() {}

    static GatewayParts.Vectors open(
            Settings settings, TrustRoot trust, Clock clock, Lifecycle parts) {
        return open(settings, trust.home(), trust.vault(), trust.journal(), clock, parts);
    }

    static GatewayParts.Vectors open(
            Settings settings, WorkloadHome home, Clock clock, Lifecycle parts) {
        return open(settings, home.path(), home.vault(), home.journal(), clock, parts);
    }

    private static GatewayParts.Vectors open(
            Settings settings,
            Path home,
            KeyVault vault,
            Journal journal,
            Clock clock,
            Lifecycle parts) {
        Optional<ConfigProblem> problem = problem(settings);
        if (problem.isPresent()) {
            throw Stop.usage(problem.get().toString());
        }
        VectorsConfig config = config(settings);
        return new GatewayParts.Vectors(
                stores(home.resolve(FOLDER), vault, config, clock, parts),
                stores(home.resolve(ANSWERS), vault, ofAnswers(config), clock, parts),
                GatewayParts.Subjects.of(journal));
    }

    /** What keeps the sections from going together. */
    static Optional<ConfigProblem> problem(Settings settings) {
        GatewayConfig gateway =
                settings.section("gateway", GatewayConfig.class, GatewayConfig.defaults());
        boolean named = config(settings).embeddingModel().isPresent();
        return gateway.semanticCache().on() && !named
                ? Optional.of(
                        new ConfigProblem(
                                0,
                                0,
                                "gateway.semantic-cache",
                                "needs a model that tells which questions mean the same",
                                "name it as `vectors.embedding-model`"))
                : Optional.empty();
    }

    private static VectorsConfig config(Settings settings) {
        return settings.section("vectors", VectorsConfig.class, VectorsConfig.defaults());
    }

    private static VectorStores stores(
            Path folder, KeyVault vault, VectorsConfig config, Clock clock, Lifecycle parts) {
        VectorStores stores =
                parts.own(
                        VectorStores.open(
                                folder,
                                tenant -> vault.sealer(Purpose.EMBEDDINGS, tenant),
                                config,
                                clock));
        // What was opened with keys goes when they go.
        vault.onForgotten(stores::forget);
        return stores;
    }

    /** One store for each principal, an eighth of what it may keep by itself. */
    private static VectorsConfig ofAnswers(VectorsConfig config) {
        long memory = Math.max(1 << 20, config.memoryBytes() / 8);
        return new VectorsConfig(
                config.embeddingModel(),
                1,
                MOST_ANSWERS,
                config.maxBytesPerPrincipal() / 8,
                config.maxDimensions(),
                memory);
    }
}
