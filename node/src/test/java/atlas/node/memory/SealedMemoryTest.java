package atlas.node.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class SealedMemoryTest {
    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return bytes;
    }

    @Test
    void holdsTheBytesAndLetsNobodyChangeThem() throws IOException {
        byte[] bytes = bytes((1 << 20) + 17);
        try (SealedMemory memory = SealedMemory.of(MemorySegment.ofArray(bytes))) {
            assertThat(Files.readAllBytes(memory.path())).isEqualTo(bytes);
            assertThat(memory.writable()).isFalse();
            assertThat(Files.readAllBytes(memory.path())).isEqualTo(bytes);
        }
    }

    @Test
    void vanishesWhenClosed() throws IOException {
        SealedMemory memory = SealedMemory.of(MemorySegment.ofArray(bytes(10)));
        Path path = memory.path();
        assertThat(Files.readSymbolicLink(path).toString()).contains("memfd:atlas-weights");
        memory.close();
        memory.close();
        boolean gone =
                !Files.exists(path)
                        || !Files.readSymbolicLink(path).toString().contains("atlas-weights");
        assertThat(gone).isTrue();
    }

    @Test
    void protectsWhatIsOffTheHeapAndSaysWhatItCouldNot() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(4096, 8);
            segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
            assertThat(MemoryGuard.protect(segment).undumped()).isTrue();
            assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        }
        MemoryGuard.Protection heap = MemoryGuard.protect(MemorySegment.ofArray(new byte[64]));
        assertThat(heap.locked()).isFalse();
        assertThat(heap.undumped()).isFalse();
    }
}
