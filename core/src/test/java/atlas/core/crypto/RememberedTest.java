package atlas.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Digest;
import org.junit.jupiter.api.Test;

class RememberedTest {
    private final Remembered<String> verdicts = new Remembered<>(100);

    private static Digest digest(int of) {
        return Hashes.sha256("token " + of);
    }

    @Test
    void forgetsTheOneNotUsedForLongest() {
        for (int i = 0; i < 100; i++) {
            verdicts.put(digest(i), "yes", 200);
        }
        assertThat(verdicts.find(digest(0))).isEqualTo("yes");
        verdicts.put(digest(100), "yes", 200);
        assertThat(verdicts.find(digest(0))).isEqualTo("yes");
        assertThat(verdicts.find(digest(1))).isNull();
        assertThat(verdicts.size()).isEqualTo(100);
    }

    @Test
    void longTokensTakeTheRoomOfMany() {
        for (int i = 0; i < 100; i++) {
            verdicts.put(digest(i), "yes", 16 << 10);
        }
        assertThat(verdicts.size()).isBetween(1, 7);
        assertThat(verdicts.find(digest(99))).isEqualTo("yes");
    }

    @Test
    void whatIsPutAgainOrRemovedGivesItsRoomBack() {
        for (int i = 0; i < 1_000; i++) {
            verdicts.put(digest(7), "yes", 16 << 10);
            verdicts.put(digest(8), "yes", 16 << 10);
            verdicts.remove(digest(8));
        }
        assertThat(verdicts.size()).isEqualTo(1);
        verdicts.put(digest(9), "yes", 16 << 10);
        assertThat(verdicts.find(digest(7))).isEqualTo("yes");
    }
}
