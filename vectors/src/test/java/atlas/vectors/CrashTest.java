package atlas.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a crash leaves behind is a store as it was, or as it was to be. */
class CrashTest {
    @TempDir Path temp;

    private World world() {
        return new World(temp.resolve("home"));
    }

    private Path folder(VectorStore store) {
        return temp.resolve("home").resolve("default").resolve(store.id());
    }

    private List<String> reopened() {
        try (VectorStores stores = world().open()) {
            return World.texts(stores.of("default").getFirst());
        }
    }

    @Test
    void anAdditionCutAtAnyByteIsThereWholeOrNotAtAll() throws IOException {
        Path log;
        long before;
        try (VectorStores stores = world().open()) {
            VectorStore store = World.make(stores, "ada");
            store.add(List.of(World.item("ada", "one", 0, 1), World.item("ada", "two", 1, 0)));
            log = folder(store).resolve("log.1");
            before = Files.size(log);
            store.add(List.of(World.item("ada", "three", 0, 1), World.item("ada", "four", 1, 0)));
        }
        byte[] whole = Files.readAllBytes(log);
        for (int length = (int) before; length < whole.length; length++) {
            Files.write(log, Arrays.copyOf(whole, length));
            assertThat(reopened()).as("cut at " + length).containsExactly("one", "two");
            // Blocks that were promised to the file and never written.
            byte[] blank = Arrays.copyOf(Arrays.copyOf(whole, length), whole.length);
            if (Arrays.equals(blank, whole)) {
                continue; // what is missing was zero by chance
            }
            Files.write(log, blank);
            assertThat(reopened()).as("blank from " + length).containsExactly("one", "two");
        }
        Files.write(log, whole);
        assertThat(reopened()).containsExactly("one", "two", "three", "four");
    }

    @Test
    void whatComesAfterATornAdditionIsKept() throws IOException {
        Path log;
        try (VectorStores stores = world().open()) {
            VectorStore store = World.make(stores, "ada");
            store.add(List.of(World.item("ada", "one", 0, 1)));
            log = folder(store).resolve("log.1");
            store.add(List.of(World.item("ada", "torn", 0, 1)));
        }
        byte[] whole = Files.readAllBytes(log);
        Files.write(log, Arrays.copyOf(whole, whole.length - 7));
        try (VectorStores stores = world().open()) {
            stores.of("default").getFirst().add(List.of(World.item("ada", "two", 1, 0)));
        }
        assertThat(reopened()).containsExactly("one", "two");
    }

    @Test
    void whatWasAlteredBeforeTheEndIsRefusedAndNotReadAround() throws IOException {
        Path log;
        long beforeLast = 0;
        try (VectorStores stores = world().open()) {
            VectorStore store = World.make(stores, "ada");
            log = folder(store).resolve("log.1");
            for (String text : List.of("one", "two", "three")) {
                beforeLast = Files.size(log);
                store.add(List.of(World.item("ada", text, 0, 1)));
            }
        }
        byte[] whole = Files.readAllBytes(log);
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 60; round++) {
            byte[] altered = whole.clone();
            int at = random.nextInt((int) beforeLast);
            altered[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(log, altered);
            try (VectorStores stores = world().open()) {
                VectorStore store = stores.of("default").getFirst();
                assertThatThrownBy(() -> World.texts(store))
                        .as("bit at " + at + " of " + whole.length)
                        .isInstanceOf(VectorsException.class);
            }
        }
    }

    @Test
    void aStoreHalfMadeOrHalfDeletedIsForgottenByTheNextStart() throws IOException {
        Path folder;
        try (VectorStores stores = world().open()) {
            VectorStore store = World.make(stores, "ada");
            folder = folder(store);
        }
        Path making = folder.resolveSibling("vs_half.making");
        Files.createDirectory(making);
        Files.write(making.resolve("log.1"), new byte[10]);
        Files.write(folder.resolve("key"), new byte[8192]);
        try (VectorStores stores = world().open()) {
            assertThat(stores.of("default")).isEmpty();
        }
        assertThat(making).doesNotExist();
        assertThat(folder).doesNotExist();
    }

    @Test
    void writingAnewCutAtAnyStepIsTheOldLogOrTheNewOne() throws IOException {
        Path folder;
        Path copy = temp.resolve("before");
        try (VectorStores stores = world().open()) {
            VectorStore store = World.make(stores, "ada");
            folder = folder(store);
            store.add(List.of(World.item("ada", "stays", 0, 1), World.item("ada", "goes", 1, 0)));
            copy(folder, copy);
            store.erase(item -> item.text().reveal().equals("goes"));
        }
        byte[] newKey = Files.readAllBytes(folder.resolve("key"));
        byte[] newLog = Files.readAllBytes(folder.resolve("log.2"));
        byte[] oldKey = Files.readAllBytes(copy.resolve("key"));
        // The new log is there, whole or not, and the key is the old one.
        for (int length : new int[] {0, 10, newLog.length}) {
            restore(copy, folder);
            Files.write(folder.resolve("log.2"), Arrays.copyOf(newLog, length));
            assertThat(reopened()).containsExactly("stays", "goes");
            assertThat(folder.resolve("log.2")).doesNotExist();
        }
        // Both keys are there: the new one counts, and the old one goes.
        restore(copy, folder);
        Files.write(folder.resolve("log.2"), newLog);
        byte[] both = oldKey.clone();
        System.arraycopy(newKey, 4096, both, 4096, 4096);
        Files.write(folder.resolve("key"), both);
        assertThat(reopened()).containsExactly("stays");
        assertThat(Files.readAllBytes(folder.resolve("key"))).isEqualTo(newKey);
        assertThat(folder.resolve("log.1")).doesNotExist();
        // The new key is torn: the old one counts.
        restore(copy, folder);
        byte[] torn = oldKey.clone();
        System.arraycopy(newKey, 4096, torn, 4096, 60);
        Files.write(folder.resolve("key"), torn);
        assertThat(reopened()).containsExactly("stays", "goes");
    }

    private static void restore(Path copy, Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            for (Path file : found.toList()) {
                Files.delete(file);
            }
        }
        copy(copy, folder);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> found = Files.list(from)) {
            for (Path file : found.toList()) {
                Files.copy(
                        file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** Rounds of kill -9; the campaign beside this module runs more of them. */
    private static final int ROUNDS = Integer.getInteger("atlas.vectors.kills", 2);

    @Test
    void aProcessKilledWhileItAddsLosesNothingItSaidItHas() throws Exception {
        long seed = Long.getLong("atlas.vectors.seed", 7);
        SplittableRandom random = new SplittableRandom(seed);
        List<String> said = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            int most = 5 + random.nextInt(40);
            Process writer = writer(temp.resolve("home"), round);
            try (BufferedReader out = writer.inputReader()) {
                String line;
                int lines = 0;
                while (lines < most && (line = out.readLine()) != null) {
                    apply(line, said);
                    lines++;
                }
                // By its handle: the process itself would close what is left to read.
                writer.toHandle().destroyForcibly();
                // What it said before the signal came counts as well.
                while ((line = out.readLine()) != null) {
                    apply(line, said);
                }
            }
            writer.waitFor();
            List<String> there = reopened();
            // At most the one change under way is there beside what was said.
            List<String> missing = new ArrayList<>(said);
            missing.removeAll(there);
            List<String> more = new ArrayList<>(there);
            more.removeAll(said);
            assertThat(more.size() % KilledWriter.BATCH).as("seed " + seed).isZero();
            assertThat(more).hasSizeLessThanOrEqualTo(KilledWriter.BATCH);
            assertThat(
                            missing.isEmpty()
                                    || (missing.size() == KilledWriter.BATCH && more.isEmpty()))
                    .as("seed %d, round %d: missing %s", seed, round, missing)
                    .isTrue();
            said.clear();
            said.addAll(there);
        }
    }

    private static void apply(String line, List<String> said) {
        List<String> texts = List.of(line.substring(1).split(","));
        if (line.startsWith("+")) {
            said.addAll(texts);
        } else {
            said.removeAll(texts);
        }
    }

    private static Process writer(Path home, int round) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        home.toString(),
                        Integer.toString(round))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
