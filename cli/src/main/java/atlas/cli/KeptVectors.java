package atlas.cli;

import atlas.control.TrustRoot;
import atlas.control.WorkloadHome;
import atlas.gateway.GatewayParts;
import atlas.journal.Journal;
import atlas.runtime.Lifecycle;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vectors.VectorStores;
import atlas.vectors.VectorsConfig;
import java.nio.file.Path;
import java.time.Clock;

/** The vector stores of a home, sealed by its vault and erased as its journal says. */
final class KeptVectors {
    private static final String FOLDER = "vectors";

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
        VectorStores stores =
                parts.own(
                        VectorStores.open(
                                home.resolve(FOLDER),
                                tenant -> vault.sealer(Purpose.EMBEDDINGS, tenant),
                                settings.section(
                                        "vectors", VectorsConfig.class, VectorsConfig.defaults()),
                                clock));
        // What was opened with keys goes when they go.
        vault.onForgotten(stores::forget);
        return new GatewayParts.Vectors(stores, GatewayParts.Subjects.of(journal));
    }
}
