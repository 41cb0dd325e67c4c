package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekProvider;
import atlas.vault.VaultException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key file under a passphrase. */
class FileContractTest {
    private static final byte[] PLACE = KekContract.PLACE;

    @TempDir Path folder;
    private KekProviders providers;

    @BeforeEach
    void open() throws Exception {
        Files.writeString(folder.resolve("passphrase"), "correct horse battery staple\n");
        providers = new KekProviders(folder, Clock.systemUTC());
    }

    @Test
    void thePassphraseAndNoOtherOpensTheFile() throws Exception {
        byte[] key = KekContract.key();
        KekProvider made = providers.open("file:kek?passphrase-file=passphrase");
        byte[] wrapped = made.wrap(key, PLACE);
        assertThat(made.status().note()).contains("sealed under a passphrase");
        assertThat(providers.open("file:kek?passphrase-file=passphrase").unwrap(wrapped, PLACE))
                .isEqualTo(key);
        Files.writeString(folder.resolve("passphrase"), "incorrect horse");
        assertThatThrownBy(() -> providers.open("file:kek?passphrase-file=passphrase"))
                .isInstanceOf(VaultException.class)
                .hasMessageContaining("does not open with this passphrase")
                .message()
                .doesNotContain("horse");
    }

    @Test
    void aNameOfTwoLinesWouldBreakTheKeyringAndIsRefused() {
        for (String name : new String[] {"file:ke\nk", "file:kek\r", "file:kek?x=\0"}) {
            assertThatThrownBy(() -> providers.open(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("one line");
        }
    }

    @Test
    void theFileSaysWhichOfTheTwoItIs() {
        providers.open("file:locked?passphrase-file=passphrase");
        assertThatThrownBy(() -> providers.open("file:locked"))
                .hasMessageContaining("is sealed under a passphrase");
        providers.open("file:clear");
        assertThatThrownBy(() -> providers.open("file:clear?passphrase-file=passphrase"))
                .hasMessageContaining("in the clear, though a passphrase is given");
    }

    @Test
    void twoFilesAreTwoKeys() {
        byte[] wrapped =
                providers
                        .open("file:one?passphrase-file=passphrase")
                        .wrap(KekContract.key(), PLACE);
        KekProvider two = providers.open("file:two?passphrase-file=passphrase");
        assertThatThrownBy(() -> two.unwrap(wrapped, PLACE))
                .isInstanceOf(SealBrokenException.class);
    }

    @Test
    void noPartOfTheFileCanBeChangedUnnoticed() throws Exception {
        providers.open("file:kek?passphrase-file=passphrase");
        Path file = folder.resolve("kek");
        String text = Files.readString(file);
        for (String[] change :
                new String[][] {
                    {"argon2id 65536 3 4", "argon2id 65537 3 4"},
                    {"argon2id 65536 3 4", "argon2id 8 1 1"},
                    {"argon2id 65536 3 4", "argon2id 2147483647 3 4"},
                    {"argon2id 65536", "argon2i 65536"}
                }) {
            Files.writeString(file, text.replace(change[0], change[1]));
            assertThatThrownBy(() -> providers.open("file:kek?passphrase-file=passphrase"))
                    .as(change[1])
                    .isInstanceOf(VaultException.class);
        }
    }
}
