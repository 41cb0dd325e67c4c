package atlas.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.vectors.AttributeFilter.Compared;
import atlas.vectors.AttributeFilter.Comparison;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorStoresTest {
    private static final AttributeFilter EVERY = new AttributeFilter.Every();

    @TempDir Path temp;

    private List<String> nearest(VectorStore store, float... query) {
        return store.search(Sensitive.of(query), 2, EVERY).orElseThrow().stream()
                .map(hit -> hit.item().text().reveal())
                .toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> found = Files.walk(temp)) {
            return found.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void whatWasAddedIsFoundByDirectionAndAfterAStart() {
        World world = new World(temp);
        String id;
        try (VectorStores stores = world.open()) {
            VectorStore store = World.make(stores, "ada");
            id = store.id();
            assertThat(
                            store.add(
                                    List.of(
                                            World.item("ada", "north", 0, 2),
                                            World.item("ada", "east", 3, 0),
                                            World.item("ada", "north-east", 1, 1))))
                    .isEqualTo(new Change.Done());
            assertThat(nearest(store, 0.1f, 1)).containsExactly("north", "north-east");
        }
        try (VectorStores stores = world.open()) {
            VectorStore store = stores.find("default", id).orElseThrow();
            assertThat(nearest(store, 5, 1)).containsExactly("east", "north-east");
            assertThat(store.card().vectors()).isEqualTo(3);
            assertThat(store.card().dimensions()).isEqualTo(2);
            assertThat(store.card().owner()).isEqualTo("ada");
            assertThat(store.search(Sensitive.of(new float[] {0, 1}), 1, EVERY).orElseThrow())
                    .first()
                    .satisfies(hit -> assertThat(hit.similarity()).isEqualTo(1));
        }
    }

    @Test
    void nothingOfATextOrAVectorLiesOnTheDisk() throws IOException {
        float[] vector = {0.123456f, -7.654321f, 3.141592f};
        float[] unit = Contents.direction(vector).orElseThrow().reveal();
        try (VectorStores stores = new World(temp).open()) {
            VectorStore store = World.make(stores, "ada-the-owner");
            store.add(List.of(World.item("ada", "the planted sentence", vector)));
            store.rename("a planted name", Map.of("key", "a planted value"));
            store.erase(item -> false);
        }
        List<byte[]> planted = new ArrayList<>();
        for (String text :
                List.of("planted", "ada-the-owner", "key-of-32-bytes", "text", "default\0")) {
            planted.add(text.getBytes(StandardCharsets.UTF_8));
        }
        for (float[] numbers : List.of(vector, unit)) {
            for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                ByteBuffer bytes = ByteBuffer.allocate(4).order(order);
                planted.add(bytes.putFloat(numbers[1]).array());
            }
        }
        assertThat(files()).hasSize(2);
        for (Path file : files()) {
            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
            for (byte[] secret : planted) {
                assertThat(bytes.contains(new String(secret, StandardCharsets.ISO_8859_1)))
                        .as(file + " holds " + new String(secret, StandardCharsets.ISO_8859_1))
                        .isFalse();
            }
            assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        }
    }

    @Test
    void aStoreOpensForItsTenantAndUnderItsOwnNameOnly() throws IOException {
        World world = new World(temp);
        String id;
        try (VectorStores stores = world.open()) {
            VectorStore store = World.make(stores, "ada");
            id = store.id();
            assertThat(stores.find("other", id)).isEmpty();
        }
        Files.createDirectory(temp.resolve("other"));
        for (String to : List.of("other/" + id, "default/vs_another")) {
            copy(temp.resolve("default").resolve(id), temp.resolve(to));
        }
        try (VectorStores stores = world.open()) {
            for (VectorStore moved :
                    List.of(
                            stores.find("default", "vs_another").orElseThrow(),
                            stores.of("other").getFirst())) {
                assertThatThrownBy(moved::card).isInstanceOf(VectorsException.class);
                assertThatThrownBy(moved::owner).isInstanceOf(VectorsException.class);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> found = Files.list(from)) {
            for (Path file : found.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void aKeyThatIsWithheldLeavesNothingToAnswerFromAndItsReturnHeals() {
        World world = new World(temp);
        try (VectorStores stores = world.open()) {
            VectorStore store = World.make(stores, "ada");
            store.add(List.of(World.item("ada", "north", 0, 1)));
            world.vault.withhold(true);
            stores.forget();
            assertThat(stores.openBytes()).isZero();
            NewItem another = World.item("ada", "east", 1, 0);
            assertThatThrownBy(() -> nearest(store, 0, 1))
                    .isInstanceOf(KeyUnavailableException.class);
            assertThatThrownBy(store::card).isInstanceOf(KeyUnavailableException.class);
            assertThatThrownBy(store::owner).isInstanceOf(KeyUnavailableException.class);
            assertThatThrownBy(() -> store.add(List.of(another)))
                    .isInstanceOf(KeyUnavailableException.class);
            assertThatThrownBy(() -> World.make(stores, "ada"))
                    .isInstanceOf(KeyUnavailableException.class);

            world.vault.withhold(false);
            assertThat(nearest(store, 0, 1)).containsExactly("north");
            assertThat(store.add(List.of(another))).isEqualTo(new Change.Done());
        }
        try (VectorStores stores = world.open()) {
            assertThat(stores.of("default")).hasSize(1);
            assertThat(World.texts(stores.of("default").getFirst()))
                    .containsExactly("north", "east");
        }
    }

    @Test
    void whatIsDeletedIsGoneWithItsKey() throws IOException {
        World world = new World(temp);
        byte[] key;
        Path old;
        try (VectorStores stores = world.open()) {
            VectorStore store = World.make(stores, "ada");
            Path folder = temp.resolve("default").resolve(store.id());
            // A second name for the file stands for its blocks, which may be found later.
            old = Files.createLink(temp.resolve("blocks-of-the-key"), folder.resolve("key"));
            key = Files.readAllBytes(old);
            stores.delete(store);
            assertThat(folder).doesNotExist();
            assertThat(stores.find("default", store.id())).isEmpty();
            assertThatThrownBy(store::card).isInstanceOf(VectorsException.class);
        }
        assertThat(key).isNotEqualTo(new byte[key.length]);
        assertThat(Files.readAllBytes(old)).isEqualTo(new byte[key.length]);
    }

    @Test
    void removedItemsAreNotFoundAndLeaveTheDiskInTime() throws IOException {
        World world = new World(temp);
        try (VectorStores stores = world.open()) {
            VectorStore store = World.make(stores, "ada");
            List<NewItem> many = new ArrayList<>();
            for (float[] vector : World.vectors(5, 150, 3)) {
                many.add(World.item("ada", "many", vector));
            }
            NewItem north = World.item("ada", "north", 0, 0, 1);
            many.add(north);
            store.add(many);
            store.remove(List.of(many.getFirst().id(), "vec_of_nobody"));
            assertThat(store.item(many.getFirst().id())).isEmpty();
            assertThat(store.card().vectors()).isEqualTo(150);
            Path folder = temp.resolve("default").resolve(store.id());
            long before = Files.size(folder.resolve("log.1"));

            store.remove(many.stream().limit(100).map(NewItem::id).toList());

            assertThat(folder.resolve("log.1")).doesNotExist();
            assertThat(Files.size(folder.resolve("log.2"))).isLessThan(before / 2);
            assertThat(store.card().vectors()).isEqualTo(51);
            assertThat(store.item(north.id())).isPresent();
        }
        try (VectorStores stores = world.open()) {
            VectorStore store = stores.of("default").getFirst();
            assertThat(store.card().vectors()).isEqualTo(51);
            assertThat(store.items(Optional.empty(), 500)).hasSize(51);
        }
    }

    @Test
    void anErasedSubjectTakesItsStoresAndItsItemsAlong() throws IOException {
        World world = new World(temp);
        try (VectorStores stores = world.open()) {
            VectorStore ada = World.make(stores, "ada");
            VectorStore bob = World.make(stores, "bob");
            bob.add(List.of(World.item("bob", "his", 0, 1), World.item("ada", "hers", 1, 0)));
            Path folder = temp.resolve("default").resolve(bob.id());
            Path blocks = Files.createLink(temp.resolve("blocks"), folder.resolve("log.1"));

            // Whoever comes after an erasure under the same name is not meant by it.
            assertThat(stores.erase((_, _) -> Optional.of(World.NOW.minusMillis(1))))
                    .isEqualTo(new VectorStores.Erased(List.of(), 0, true));
            assertThat(
                            stores.erase((_, who) ->
                                    Optional.of(World.NOW.plus(Duration.ofDays(1)))
                                            .filter(_ -> who.equals("ada"))))
                    .isEqualTo(new VectorStores.Erased(List.of(ada.id()), 1, true));

            assertThat(stores.of("default")).containsExactly(bob);
            assertThat(World.texts(bob)).containsExactly("his");
            // What was in the old log is there, but no key to it is.
            assertThat(Files.size(blocks)).isPositive();
            assertThat(Arrays.copyOf(Files.readAllBytes(folder.resolve("key")), 4096))
                    .isEqualTo(new byte[4096]);
            stores.erasuresKnown(17);
        }
        try (VectorStores stores = world.open()) {
            assertThat(stores.erasuresKnown()).isEqualTo(17);
            assertThat(World.texts(stores.of("default").getFirst())).containsExactly("his");
        }
    }

    @Test
    void limitsAreKeptAndSaidWithTheirFigures() {
        World world = new World(temp);
        VectorsConfig tight = new VectorsConfig(Optional.empty(), 2, 3, 3_000, 4, 1 << 20);
        try (VectorStores stores = world.open(tight)) {
            VectorStore one = World.make(stores, "ada");
            VectorStore two = World.make(stores, "ada");
            World.make(stores, "bob");
            NewStore third = new NewStore("default", "ada", "", Optional.empty(), Map.of(), 0);
            assertThat(stores.make(VectorStores.newStoreId(), third))
                    .isEqualTo(
                            new VectorStores.Made.OverQuota(
                                    "a principal owns at most 2 stores; delete one"));

            one.add(List.of(World.item("ada", "a", 0, 1), World.item("ada", "b", 1, 0)));
            assertThat(one.add(List.of(World.item("ada", "c", 0, 1, 0))))
                    .isEqualTo(new Change.Unfit("vectors of this store have 2 numbers, not 3"));
            assertThat(one.add(List.of(World.item("ada", "c", 0, 0))))
                    .isEqualTo(new Change.Unfit("a vector has no direction"));
            assertThat(two.add(List.of(World.item("ada", "c", 1, 0, 1, 0, 1))))
                    .isEqualTo(new Change.Unfit("a vector has at most 4 numbers, not 5"));
            assertThat(one.add(List.of(World.item("ada", "c", 0, 1), World.item("ada", "d", 0, 1))))
                    .isEqualTo(
                            new Change.OverQuota(
                                    "a store holds at most 3 vectors; this one has 2 and 2 more"
                                            + " were sent"));
            // Both stores count: what one holds the other cannot.
            Change over = two.add(List.of(World.item("ada", "x".repeat(1_000), 0, 1)));
            assertThat(over).isInstanceOf(Change.OverQuota.class);
            assertThat(over.toString()).contains("the stores of its owner take at most 3000 bytes");
            assertThat(two.card().vectors()).isZero();
            assertThat(one.card().vectors()).isEqualTo(2);
        }
    }

    @Test
    void memoryIsBoundedByClosingWhatWasUsedLongestAgo() {
        World world = new World(temp);
        VectorsConfig small = new VectorsConfig(Optional.empty(), 9, 9_999, 1L << 30, 64, 1 << 20);
        try (VectorStores stores = world.open(small)) {
            List<VectorStore> made = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                VectorStore store = World.make(stores, "ada");
                store.add(List.of(World.item("ada", "x".repeat(400_000), 0, 1)));
                made.add(store);
                assertThat(stores.openBytes()).isLessThanOrEqualTo(1 << 20);
            }
            for (VectorStore store : made) {
                assertThat(World.texts(store).getFirst()).hasSize(400_000);
                assertThat(stores.openBytes()).isLessThanOrEqualTo(1 << 20);
            }
            assertThat(made.getFirst().add(List.of(World.item("ada", "x".repeat(700_000), 0, 1))))
                    .isInstanceOf(Change.OverQuota.class);
        }
    }

    @Test
    void aDamagedStoreKeepsNobodyFromTheirOwn() throws IOException {
        World world = new World(temp);
        String broken;
        try (VectorStores stores = world.open()) {
            broken = World.make(stores, "bob").id();
            World.make(stores, "ada").add(List.of(World.item("ada", "north", 0, 1)));
        }
        Path log = temp.resolve("default").resolve(broken).resolve("log.1");
        byte[] bytes = Files.readAllBytes(log);
        bytes[40] ^= 1;
        Files.write(log, bytes);
        try (VectorStores stores = world.open()) {
            assertThat(stores.of("default")).hasSize(2);
            assertThat(stores.readable("default"))
                    .extracting(VectorStore::owner)
                    .containsOnly("ada");
            VectorStore own = stores.readable("default").getFirst();
            assertThat(own.add(List.of(World.item("ada", "east", 1, 0))))
                    .isEqualTo(new Change.Done());
            World.make(stores, "bob");
            // Whom it belonged to nobody knows: an erasure could be about it, and is not over.
            VectorStores.Erased erased =
                    stores.erase((_, who) ->
                            who.equals("ada") ? Optional.of(World.NOW) : Optional.empty());
            assertThat(erased).isEqualTo(new VectorStores.Erased(List.of(own.id()), 0, false));
        }
    }

    @Test
    void manyAtOnceAndAVaultThatComesAndGoesLeaveWhatWasSaid() throws Exception {
        World world = new World(temp);
        VectorsConfig small = new VectorsConfig(Optional.empty(), 9, 9_999, 1L << 30, 64, 1 << 20);
        List<String> said = java.util.Collections.synchronizedList(new ArrayList<>());
        try (VectorStores stores = world.open(small)) {
            List<VectorStore> made = List.of(World.make(stores, "ada"), World.make(stores, "ada"));
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 6; t++) {
                int number = t;
                threads.add(
                        Thread.startVirtualThread(() -> {
                            for (int i = 0; i < 20; i++) {
                                VectorStore store = made.get((number + i) % 2);
                                String text = number + "-" + i + "x".repeat(8_000);
                                try {
                                    store.add(List.of(World.item("ada", text, number, i + 1)));
                                    said.add(text);
                                    nearest(store, 1, 1);
                                } catch (KeyUnavailableException e) {
                                    assertThat(e.withdrawn()).isTrue();
                                }
                            }
                        }));
            }
            for (int i = 0; i < 30; i++) {
                world.vault.withhold(true);
                stores.forget();
                world.vault.withhold(false);
                made.get(i % 2).unload();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        try (VectorStores stores = world.open(small)) {
            List<String> there = new ArrayList<>();
            stores.of("default").forEach(store -> there.addAll(World.texts(store)));
            assertThat(there).containsAll(said).doesNotHaveDuplicates();
            assertThat(said).isNotEmpty();
        }
    }

    @Test
    void filtersDecideBeforeNearnessDoes() {
        try (VectorStores stores = new World(temp).open()) {
            VectorStore store = World.make(stores, "ada");
            List<NewItem> items = new ArrayList<>();
            for (int i = 1; i <= 5; i++) {
                items.add(
                        new NewItem(
                                VectorStores.newItemId(),
                                "ada",
                                Sensitive.of("item " + i),
                                Map.of(
                                        "page",
                                        new Attribute.Number(i),
                                        "draft",
                                        new Attribute.Flag(i % 2 == 0)),
                                Sensitive.of(new float[] {1, i})));
            }
            store.add(items);
            AttributeFilter late = new Compared("page", Comparison.GTE, new Attribute.Number(4));
            AttributeFilter drafts = new Compared("draft", Comparison.EQ, new Attribute.Flag(true));
            assertThat(found(store, late)).containsExactly("item 4", "item 5");
            assertThat(found(store, new AttributeFilter.And(List.of(late, drafts))))
                    .containsExactly("item 4");
            assertThat(found(store, new AttributeFilter.Or(List.of(late, drafts))))
                    .containsExactly("item 2", "item 4", "item 5");
            List<Attribute> ends = List.of(new Attribute.Number(1), new Attribute.Number(5));
            assertThat(found(store, new AttributeFilter.Among("page", true, ends)))
                    .containsExactly("item 1", "item 5");
            assertThat(found(store, new AttributeFilter.Among("page", false, ends)))
                    .containsExactly("item 2", "item 3", "item 4");
            assertThat(found(store, new Compared("none", Comparison.LT, new Attribute.Number(1))))
                    .isEmpty();
            assertThat(found(store, new Compared("page", Comparison.GT, new Attribute.Text("1"))))
                    .isEmpty();
        }
    }

    private static List<String> found(VectorStore store, AttributeFilter filter) {
        return store.search(Sensitive.of(new float[] {1, 0}), 9, filter).orElseThrow().stream()
                .map(hit -> hit.item().text().reveal())
                .toList();
    }
}
