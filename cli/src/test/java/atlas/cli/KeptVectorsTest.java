package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.control.TrustRoot;
import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.gateway.GatewayParts;
import atlas.journal.JournalSubjects;
import atlas.runtime.ConfigProblem;
import atlas.runtime.Lifecycle;
import atlas.vault.Purpose;
import atlas.vectors.AttributeFilter;
import atlas.vectors.NewItem;
import atlas.vectors.NewStore;
import atlas.vectors.VectorStore;
import atlas.vectors.VectorStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vector stores with a real vault and a real journal beside them. */
class KeptVectorsTest {
    @TempDir Path temp;

    private static VectorStore make(VectorStores stores) {
        NewStore wanted = new NewStore("default", "ada", "", Optional.empty(), Map.of(), 0);
        VectorStore store =
                ((VectorStores.Made.Store) stores.make(VectorStores.newStoreId(), wanted)).store();
        store.add(
                List.of(
                        new NewItem(
                                VectorStores.newItemId(),
                                "ada",
                                Sensitive.of("hers"),
                                Map.of(),
                                Sensitive.of(new float[] {1, 0}))));
        return store;
    }

    private static String found(VectorStore store) {
        return store.search(Sensitive.of(new float[] {1, 0}), 1, new AttributeFilter.Every())
                .orElseThrow()
                .getFirst()
                .item()
                .text()
                .reveal();
    }

    @Test
    void whoTakesTheKeyTakesTheStoresAndWhoErasesASubjectIsHeard() throws Exception {
        Path home = temp.resolve("home");
        Settings settings = new Settings(Optional.empty());
        try (TrustRoot trust =
                        TrustRoot.openOrCreate(
                                home, Installation.trustRoot(settings), Clock.systemUTC());
                Lifecycle parts = new Lifecycle()) {
            GatewayParts.Vectors kept = KeptVectors.open(settings, trust, Clock.systemUTC(), parts);
            VectorStore store = make(kept.stores());
            trust.vault().rotate(Purpose.EMBEDDINGS, "default");
            VectorStore later = make(kept.stores());
            Path kek = home.resolve(TrustRoot.KEK_FILE);
            Path away = Files.move(kek, temp.resolve("kek"));
            assertThat(trust.vault().check()).isFalse();

            assertThat(kept.stores().openBytes()).isZero();
            assertThatThrownBy(() -> found(store)).isInstanceOf(KeyUnavailableException.class);
            assertThatThrownBy(store::card).isInstanceOf(KeyUnavailableException.class);

            Files.move(away, kek);
            assertThat(trust.vault().check()).isTrue();
            assertThat(found(store)).isEqualTo("hers");
            assertThat(found(later)).isEqualTo("hers");

            trust.journal()
                    .subjects()
                    .erase(new JournalSubjects.Order("default", "ada", "req_1", "eve", "asked"));
            assertThat(kept.subjects().erasures(-1).entries())
                    .singleElement()
                    .satisfies(entry ->
                            assertThat(entry.json())
                                    .contains(kept.subjects().pseudonym("default", "ada")));
        }
    }

    @Test
    void aCacheThatCannotTellMeaningsIsAProblemOfTheFile() throws Exception {
        Path file = temp.resolve("atlas.yaml");
        Files.writeString(file, "gateway:\n  semantic-cache: {models: [\"*\"]}\n");
        assertThat(new Settings(Optional.of(file)).problems())
                .extracting(ConfigProblem::path)
                .containsExactly("gateway.semantic-cache");
        Files.writeString(
                file,
                "vectors:\n  embedding-model: m\n  memory-bytes: 8MiB\n"
                        + "gateway:\n  semantic-cache: {models: [\"*\"]}\n");
        assertThat(new Settings(Optional.of(file)).problems()).isEmpty();
    }
}
