package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekProvider;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

/** What every KEK provider promises, wherever its key lies. */
abstract class KekContract {
    static final byte[] PLACE = "atlas-key/1\ndefault\n1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ELSEWHERE =
            "atlas-key/1\nother\n1".getBytes(StandardCharsets.US_ASCII);

    abstract KekProvider kek();

    /** Another key of the same holder. */
    abstract KekProvider another();

    /** The holder says no from now on; returns what takes that back. */
    abstract Undo withdraw() throws Exception;

    /** The holder does not answer from now on; returns what takes that back. */
    abstract Undo away() throws Exception;

    interface Undo {
        void now() throws Exception;
    }

    static byte[] key() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return key;
    }

    @Test
    void whatIsWrappedComesBackForItsPlaceOnly() {
        byte[] key = key();
        byte[] wrapped = kek().wrap(key, PLACE);
        assertThat(kek().unwrap(wrapped, PLACE)).isEqualTo(key);
        assertThatThrownBy(() -> kek().unwrap(wrapped, ELSEWHERE))
                .isInstanceOf(SealBrokenException.class);
        assertThat(wrapped).isNotEqualTo(kek().wrap(key, PLACE));
    }

    @Test
    void anotherKeyUnwrapsNothing() {
        byte[] wrapped = kek().wrap(key(), PLACE);
        assertThatThrownBy(() -> another().unwrap(wrapped, PLACE))
                .isInstanceOfAny(SealBrokenException.class, KeyUnavailableException.class);
    }

    @Test
    void noByteCanBeChangedAndNoneIsMissing() {
        byte[] wrapped = kek().wrap(key(), PLACE);
        for (int at = 0; at < wrapped.length; at += Math.max(1, wrapped.length / 40)) {
            byte[] altered = wrapped.clone();
            altered[at] ^= 1;
            assertThatThrownBy(() -> kek().unwrap(altered, PLACE))
                    .as("byte %d", at)
                    .isInstanceOfAny(SealBrokenException.class, KeyUnavailableException.class);
        }
        for (int length : new int[] {0, 1, 2, 3, wrapped.length / 2, wrapped.length - 1}) {
            byte[] cut = java.util.Arrays.copyOf(wrapped, length);
            assertThatThrownBy(() -> kek().unwrap(cut, PLACE))
                    .as("length %d", length)
                    .isInstanceOfAny(SealBrokenException.class, KeyUnavailableException.class);
        }
    }

    @Test
    void aHolderThatSaysNoIsTakenAtItsWordAndHealsByItself() throws Exception {
        byte[] key = key();
        byte[] wrapped = kek().wrap(key, PLACE);
        assertThat(kek().status().available()).as(kek().status().note()).isTrue();
        Undo undo = withdraw();
        assertThatThrownBy(() -> kek().unwrap(wrapped, PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class,
                        e -> assertThat(e.withdrawn()).as(e.getMessage()).isTrue());
        assertThatThrownBy(() -> kek().wrap(key, PLACE))
                .isInstanceOf(KeyUnavailableException.class);
        assertThat(kek().status().available()).isFalse();
        undo.now();
        assertThat(kek().unwrap(wrapped, PLACE)).isEqualTo(key);
        assertThat(kek().status().available()).isTrue();
    }

    @Test
    void aHolderThatIsAwayHasNotSaidNo() throws Exception {
        byte[] key = key();
        byte[] wrapped = kek().wrap(key, PLACE);
        Undo undo = away();
        assertThatThrownBy(() -> kek().unwrap(wrapped, PLACE))
                .isInstanceOfSatisfying(
                        KeyUnavailableException.class,
                        e -> assertThat(e.withdrawn()).as(e.getMessage()).isFalse());
        assertThat(kek().status().available()).isFalse();
        undo.now();
        assertThat(kek().unwrap(wrapped, PLACE)).isEqualTo(key);
    }
}
