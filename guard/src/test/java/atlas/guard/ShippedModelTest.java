package atlas.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.guard.signature.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ShippedModelTest {
    private static final Signatures SIGNATURES = Signatures.shipped();

    @Test
    void loadsTheModelItWasPinnedTo() {
        ShippedModel shipped = ShippedModel.load(SIGNATURES);

        assertThat(shipped.file().provenance())
                .contains("\"train_sha256\":")
                .contains("\"seed\":")
                .contains("\"signatures\":\"" + SIGNATURES.version() + "\"");
    }

    @Test
    void refusesAModelWithOneBitTurned() throws IOException {
        byte[] bytes = bytes();
        Digest pinned = Hashes.sha256(bytes);
        bytes[bytes.length / 2] ^= 1;

        assertThatThrownBy(() -> ShippedModel.open(bytes, pinned, SIGNATURES))
                .isInstanceOf(GuardException.class)
                .hasMessageContaining("not the pinned one");
    }

    @Test
    void refusesBytesThatAreNoModelEvenWhenPinned() {
        byte[] bytes = new byte[100];

        assertThatThrownBy(() -> ShippedModel.open(bytes, Hashes.sha256(bytes), SIGNATURES))
                .isInstanceOf(GuardException.class)
                .hasMessageContaining("train it again");
    }

    @Test
    void isSmall() throws IOException {
        assertThat(bytes().length).isLessThan(4 << 20);
    }

    private static byte[] bytes() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ShippedModel.class.getResourceAsStream("guard-model.bin"))) {
            return in.readAllBytes();
        }
    }
}
