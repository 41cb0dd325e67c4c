package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import atlas.core.crypto.KeyUnavailableException;
import atlas.vault.KekProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against SoftHSM2, a real PKCS#11 module, with keys that cannot leave their token. */
class Pkcs11TokenTest extends KekContract {
    private static final List<String> MODULES =
            List.of(
                    "/usr/lib/softhsm/libsofthsm2.so",
                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/lib64/pkcs11/libsofthsm2.so");

    private static Path module;
    private static Path tokens;
    private static Path keyFile;

    @TempDir Path folder;
    private KekProvider kek;

    @BeforeAll
    static void token() throws Exception {
        Optional<Path> found = MODULES.stream().map(Path::of).filter(Files::exists).findFirst();
        boolean there = found.isPresent() && on("softhsm2-util") && on("pkcs11-tool");
        if ("true".equals(System.getenv("CI"))) {
            assertThat(there).as("softhsm2 and opensc are installed").isTrue();
        }
        assumeTrue(there, "softhsm2 and opensc are not installed");
        module = found.orElseThrow();
        // The module reads where its tokens are from the environment, so the build says it.
        Path conf = Path.of(System.getenv("SOFTHSM2_CONF"));
        tokens = conf.resolveSibling("tokens");
        if (Files.exists(tokens)) {
            try (Stream<Path> old = Files.walk(tokens)) {
                for (Path one : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(one);
                }
            }
        }
        Files.createDirectories(tokens);
        Files.writeString(
                conf,
                "directories.tokendir = "
                        + tokens
                        + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        keyFile = conf.resolveSibling("key.bin");
        Files.write(keyFile, key());
        run(
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                "atlas",
                "--pin",
                "1234",
                "--so-pin",
                "5678");
        importKey("kek");
        run(
                "pkcs11-tool",
                "--module",
                module.toString(),
                "--token-label",
                "atlas",
                "--login",
                "--pin",
                "1234",
                "--keygen",
                "--key-type",
                "AES:32",
                "--label",
                "other",
                "--sensitive");
    }

    // A customer's own key goes in and does not come out.
    private static void importKey(String label) throws Exception {
        run(
                "pkcs11-tool",
                "--module",
                module.toString(),
                "--token-label",
                "atlas",
                "--login",
                "--pin",
                "1234",
                "--write-object",
                keyFile.toString(),
                "--type",
                "secrkey",
                "--key-type",
                "AES:32",
                "--label",
                label,
                "--sensitive");
    }

    private static void deleteKey(String label) throws Exception {
        run(
                "pkcs11-tool",
                "--module",
                module.toString(),
                "--token-label",
                "atlas",
                "--login",
                "--pin",
                "1234",
                "--delete-object",
                "--type",
                "secrkey",
                "--label",
                label);
    }

    private static boolean on(String tool) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    private static void run(String... command) throws Exception {
        Process process =
                new ProcessBuilder(new ArrayList<>(List.of(command)))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError(String.join(" ", command) + "\n" + said);
        }
    }

    @BeforeEach
    void open() throws Exception {
        Files.writeString(folder.resolve("pin"), "1234\n");
        kek = named("atlas", "kek");
    }

    private KekProvider named(String token, String object) {
        return new KekProviders(folder, Clock.systemUTC())
                .open(
                        "pkcs11:token="
                                + token
                                + ";object="
                                + object
                                + ";type=secret-key?module-path="
                                + module
                                + "&pin-source=file:pin");
    }

    @Override
    KekProvider kek() {
        return kek;
    }

    @Override
    KekProvider another() {
        return named("atlas", "other");
    }

    @Override
    Undo withdraw() throws Exception {
        deleteKey("kek");
        return () -> importKey("kek");
    }

    // A token in a drawer: its files are elsewhere.
    @Override
    Undo away() throws Exception {
        Path drawer = tokens.resolveSibling("drawer");
        Files.move(tokens, drawer);
        Files.createDirectories(tokens);
        kek = named("atlas", "kek");
        return () -> {
            Files.delete(tokens);
            Files.move(drawer, tokens);
        };
    }

    @Test
    void aWrongPinIsTriedOnceOnly() throws Exception {
        byte[] wrapped = kek.wrap(key(), PLACE);
        // A token that is logged in asks for no PIN: ended and begun again, it does.
        TokenSlots.anew(module);
        KekProvider fresh = named("atlas", "kek");
        Files.writeString(folder.resolve("pin"), "9999");
        assertThatThrownBy(() -> fresh.unwrap(wrapped, PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("CKR_PIN_INCORRECT");
        assertThatThrownBy(() -> fresh.unwrap(wrapped, PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("refused the PIN");
        Files.writeString(folder.resolve("pin"), "1234");
        assertThat(fresh.unwrap(wrapped, PLACE)).hasSize(32);
    }

    @Test
    void aTokenOrKeyThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> named("elsewhere", "kek").wrap(key(), PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("no token `elsewhere`");
        assertThatThrownBy(() -> named("atlas", "nothing").wrap(key(), PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("no secret key `nothing`");
    }

    /** Sessions of this process: the module numbers them from one and says which are open. */
    @SuppressWarnings("restricted")
    private static long sessions() {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle about =
                    Linker.nativeLinker()
                            .downcallHandle(
                                    SymbolLookup.libraryLookup(module, arena)
                                            .findOrThrow("C_GetSessionInfo"),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.ADDRESS));
            MemorySegment said = arena.allocate(32, 8);
            long open = 0;
            for (long number = 1; number <= 5000; number++) {
                open += (long) about.invokeExact(number, said) == 0 ? 1 : 0;
            }
            return open;
        } catch (Throwable e) {
            // What a method handle declares; nothing is swallowed.
            throw new AssertionError(e);
        }
    }

    @Test
    void whatFailedToOpenOrWasClosedLeavesNoSession() {
        byte[] wrapped = kek.wrap(key(), PLACE);
        long before = sessions();
        assertThat(before).as("sessions of the one that is open").isPositive();
        KekProvider nothing = named("atlas", "nothing");
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> nothing.wrap(key(), PLACE))
                    .isInstanceOf(KeyUnavailableException.class);
        }
        KekProvider second = named("atlas", "other");
        second.wrap(key(), PLACE);
        second.close();
        assertThatThrownBy(() -> second.wrap(key(), PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("was let go of");
        assertThat(sessions()).isLessThanOrEqualTo(before);
        // The others' login ended with theirs, which nobody notices.
        assertThat(kek.unwrap(wrapped, PLACE)).hasSize(32);
        kek.close();
        assertThat(sessions()).isLessThan(before);
    }

    @Test
    void aKeyThatCouldLeaveItsTokenIsRefused() throws Exception {
        run(
                "pkcs11-tool",
                "--module",
                module.toString(),
                "--token-label",
                "atlas",
                "--login",
                "--pin",
                "1234",
                "--keygen",
                "--key-type",
                "AES:32",
                "--label",
                "loose",
                "--extractable");
        assertThatThrownBy(() -> named("atlas", "loose").wrap(key(), PLACE))
                .isInstanceOf(KeyUnavailableException.class)
                .hasMessageContaining("extractable");
    }

    @Test
    void thePinNeverStandsInTheUri() {
        assertThatThrownBy(() ->
                        new KekProviders(folder, Clock.systemUTC())
                                .open("pkcs11:token=a;object=b?module-path=/m&pin-value=1234"))
                .hasMessageContaining("would write a secret");
    }
}
