package atlas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.ModelRef;
import atlas.registry.RegistryRefusal.Cause;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever can write to the disk can stop a model from serving, and nothing else. */
class StoredBytesTest {
    private static final int BYTES = 600_000;

    @TempDir Path dir;
    private RegistryHome home;
    private ModelRef ref;

    @BeforeEach
    void deployAModel() throws IOException {
        home = new RegistryHome(dir);
        ref = home.deploy("toy", BYTES).ref();
    }

    @AfterEach
    void closeTheHome() {
        home.close();
    }

    private Path weights() throws IOException {
        for (Path object : home.stored("objects")) {
            if (Files.size(object) > BYTES) {
                return object;
            }
        }
        throw new AssertionError("no weights");
    }

    private void assertNeverServes(String why) {
        assertThatThrownBy(() -> home.registry.openForServing(ref, "node-1"))
                .isInstanceOfSatisfying(
                        RegistryRefusal.class, e -> assertThat(e.why()).isEqualTo(Cause.ALTERED))
                .hasMessageContaining("`toy@1` is refused")
                .hasMessageContaining(why);
        assertThat(home.journal.entries.getLast()).startsWith("refused toy@1").contains(why);
    }

    @Test
    void refusesOneFlippedByteInEveryRegionOfTheWeights() throws IOException {
        Path file = weights();
        byte[] good = Files.readAllBytes(file);
        int chunk = 262_176;
        List<Integer> regions =
                List.of(
                        0,
                        5,
                        10,
                        40,
                        100,
                        125,
                        160,
                        194,
                        200,
                        210,
                        chunk,
                        2 * chunk,
                        good.length - 1);
        for (int at : regions) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            assertNeverServes("`model.safetensors`");
        }
        Files.write(file, good);
        home.registry.openForServing(ref, "node-1").close();
    }

    @Test
    void refusesCutLengthenedAndMissingWeights() throws IOException {
        Path file = weights();
        byte[] good = Files.readAllBytes(file);
        for (int length :
                new int[] {0, 100, good.length - 1, good.length - 50_000, good.length + 1}) {
            Files.write(file, Arrays.copyOf(good, length));
            assertNeverServes("`model.safetensors`");
        }
        Files.delete(file);
        assertNeverServes("`model.safetensors`: its stored bytes cannot be read");
    }

    @Test
    void refusesFilesSwappedWithinAndBetweenVersions() throws IOException {
        List<Path> own = home.stored("objects");
        byte[] first = Files.readAllBytes(own.get(0));
        byte[] second = Files.readAllBytes(own.get(1));
        Files.write(own.get(0), second);
        Files.write(own.get(1), first);
        assertNeverServes("toy@1");
        Files.write(own.get(0), first);
        Files.write(own.get(1), second);

        Path mine = weights();
        home.deploy("toy", BYTES);
        for (Path other : home.stored("objects")) {
            if (!own.contains(other) && Files.size(other) == Files.size(mine)) {
                Files.copy(other, mine, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
        assertNeverServes("`model.safetensors`");
    }

    @Test
    void refusesALinkInPlaceOfAnObject() throws IOException {
        Path file = weights();
        Files.move(file, dir.resolve("elsewhere"));
        Files.createSymbolicLink(file, dir.resolve("elsewhere"));

        assertNeverServes("`model.safetensors`");
    }

    @Test
    void refusesAnAlteredRecordWhileRunningAndAfterRestart() throws IOException {
        Path record = home.stored("records").getFirst();
        byte[] good = Files.readAllBytes(record);
        for (int at : new int[] {0, 6, 20, 50, 80, good.length / 2, good.length - 1}) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(record, bad);
            assertNeverServes("its record was altered");
        }
        home.reopen();
        assertThat(home.registry.problems()).containsKey(ref);
        assertThat(home.registry.admit("toy")).isInstanceOf(Admission.NotAdmitted.class);
        assertNeverServes("its record was altered");
        assertThat(home.stored("objects")).hasSize(3);
    }

    @Test
    void doesNotOpenWithAnAlteredOrMissingIndex() throws IOException {
        Path index = home.models().resolve("index");
        byte[] good = Files.readAllBytes(index);
        home.registry.close();
        for (int at : new int[] {0, 5, 30, 60, good.length - 1}) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(index, bad);
            assertThatThrownBy(() -> home.open(Faults.NONE))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("backup");
        }
        Files.delete(index);
        assertThatThrownBy(() -> home.open(Faults.NONE))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("is missing");
        Files.write(index, good);
        home.registry = home.open(Faults.NONE);
    }

    @Test
    void leavesOnlyZeroesBehindWhenItRefuses() throws IOException {
        Path file = weights();
        byte[] bad = Files.readAllBytes(file);
        bad[bad.length - 20] ^= 1;
        bad[300_000] ^= 1;
        Files.write(file, bad);
        List<MemorySegment> placed = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            ModelMemory memory =
                    record -> {
                        MemorySegment segment = arena.allocate(record.bytes());
                        segment.fill((byte) 7);
                        placed.add(segment);
                        return segment;
                    };
            assertThatThrownBy(() -> home.registry.openForServing(ref, "node-1", memory))
                    .isInstanceOf(RegistryRefusal.class);
            assertThat(placed).hasSize(3);
            for (MemorySegment segment : placed) {
                assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
            }
        }
    }
}
