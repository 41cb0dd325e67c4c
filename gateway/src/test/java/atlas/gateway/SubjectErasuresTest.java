package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.VectorsUsed;
import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.Sealer;
import atlas.journal.JournalEntry;
import atlas.journal.SearchResult;
import atlas.vectors.NewItem;
import atlas.vectors.NewStore;
import atlas.vectors.VectorStore;
import atlas.vectors.VectorStores;
import atlas.vectors.VectorsConfig;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectErasuresTest {
    @TempDir Path temp;

    private final TestSealer sealer = new TestSealer();
    private final MemoryAuditLog journal = new MemoryAuditLog();
    private final List<JournalEntry> entries = new ArrayList<>();
    private final List<Long> asked = new ArrayList<>();
    private boolean withheld;
    private VectorStores stores;

    @BeforeEach
    void open() {
        stores = VectorStores.open(temp, this::vault, VectorsConfig.defaults(), World.CLOCK);
    }

    @AfterEach
    void close() {
        stores.close();
    }

    private Sealer vault(String tenant) {
        if (withheld) {
            throw KeyUnavailableException.withdrawn("withheld for " + tenant);
        }
        return sealer;
    }

    /** One entry a page, so that going on is tried as well. */
    private final class Subjects implements GatewayParts.Subjects {
        @Override
        public SearchResult erasures(long after) {
            asked.add(after);
            List<JournalEntry> next =
                    entries.stream().filter(e -> e.index() > after).limit(1).toList();
            long last = next.isEmpty() ? 99 : next.getFirst().index();
            return new SearchResult(next, next.isEmpty(), last);
        }

        @Override
        public String pseudonym(String tenant, String principal) {
            return "s-" + tenant + "-" + principal.hashCode();
        }

        @Override
        public void onErased(Runnable listener) {
            throw new AssertionError("the process listens, not this");
        }
    }

    private SubjectErasures erasures() {
        return new SubjectErasures(stores, new Subjects(), journal);
    }

    private void erased(long index, String who, Instant when) {
        entries.add(
                new JournalEntry(
                        index,
                        when,
                        SubjectErasures.KIND,
                        World.digest(who),
                        "{\"kind\":\"subject.erased\",\"by\":\"s-x\",\"keys\":[\"a\"],\"subject\":\""
                                + new Subjects().pseudonym("default", who)
                                + "\"}"));
    }

    private VectorStore make(String owner) {
        NewStore wanted = new NewStore("default", owner, "", Optional.empty(), Map.of(), 2);
        return ((VectorStores.Made.Store) stores.make(VectorStores.newStoreId(), wanted)).store();
    }

    @Test
    void whoWasErasedIsGoneFromTheStoresAndTheJournalSaysSo() {
        VectorStore ada = make("ada");
        VectorStore bob = make("bob");
        bob.add(List.of(item("ada"), item("bob"), item("eve")));
        erased(3, "ada", World.NOW.plusSeconds(1));
        erased(7, "eve", World.NOW.plusSeconds(1));
        erased(9, "bob", World.NOW.minusSeconds(1));

        erasures().follow();

        assertThat(stores.of("default")).containsExactly(bob);
        assertThat(bob.items(Optional.empty(), 9)).extracting(i -> i.author()).containsOnly("bob");
        assertThat(journal.of(VectorsUsed.class))
                .singleElement()
                .satisfies(fact -> {
                    assertThat(fact.act()).isEqualTo("erase");
                    assertThat(fact.items()).containsExactly(ada.id());
                    assertThat(fact.toString()).doesNotContain("ada", "eve");
                });
        assertThat(stores.erasuresKnown()).isEqualTo(100);
        asked.clear();
        erasures().follow();
        assertThat(asked).containsExactly(99L);
        assertThat(journal.of(VectorsUsed.class)).hasSize(1);
    }

    private static NewItem item(String author) {
        return new NewItem(
                VectorStores.newItemId(),
                author,
                Sensitive.of("a text"),
                Map.of(),
                Sensitive.of(new float[] {1, 0}));
    }

    @Test
    void aVaultWithoutKeysOnlyDelaysIt() {
        make("ada");
        erased(3, "ada", World.NOW.plusSeconds(1));
        withheld = true;
        stores.forget();
        SubjectErasures erasures = erasures();
        erasures.follow();
        assertThat(stores.of("default")).hasSize(1);
        assertThat(stores.erasuresKnown()).isZero();
        withheld = false;
        erasures.follow();
        assertThat(stores.of("default")).isEmpty();
    }

    @Test
    void nothingIsLookedUpWhereNothingIsKept() {
        erased(3, "ada", World.NOW);
        erasures().follow();
        assertThat(asked).isEmpty();
    }
}
