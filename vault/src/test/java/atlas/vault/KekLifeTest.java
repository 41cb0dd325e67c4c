package atlas.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.KeyUsed;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.Sealer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A customer's key: put under another, taken away, given back. */
class KekLifeTest {
    private static final byte[] PLAIN = "plain".getBytes(StandardCharsets.UTF_8);
    private static final byte[] PLACE = "place".getBytes(StandardCharsets.UTF_8);
    private static final VaultSettings SETTINGS =
            new VaultSettings(
                    Optional.empty(),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5),
                    Duration.ofDays(90),
                    List.of());

    @TempDir Path dir;
    private final List<String> told = new ArrayList<>();
    private final Hands clock = new Hands();
    private Held kek;

    /** A clock that is set by hand. */
    private static final class Hands extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /** A key whose holder can say no, or not answer. */
    private static final class Held implements KekProvider {
        private final FileKek key;
        private volatile boolean no;
        private volatile boolean away;
        private volatile boolean closed;
        private volatile Runnable before = () -> {};
        private final AtomicInteger asked = new AtomicInteger();

        Held(Path file) {
            key = FileKek.openOrCreate(file, "file:" + file.getFileName(), Optional.empty());
        }

        private void ask() {
            asked.incrementAndGet();
            before.run();
            if (no) {
                throw KeyUnavailableException.withdrawn("the customer said no");
            }
            if (away) {
                throw new KeyUnavailableException("nobody answers", null);
            }
        }

        @Override
        public String uri() {
            return key.uri();
        }

        @Override
        public KekStatus status() {
            return key.status();
        }

        @Override
        public byte[] wrap(byte[] dek, byte[] aad) {
            ask();
            return key.wrap(dek, aad);
        }

        @Override
        public byte[] unwrap(byte[] wrapped, byte[] aad) {
            ask();
            return key.unwrap(wrapped, aad);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @BeforeEach
    void makeTheKek() {
        kek = new Held(dir.resolve("one"));
    }

    private KeyVault open(KekProvider under) {
        return KeyVault.open(dir.resolve("vault"), under, SETTINGS, clock, this::tell);
    }

    private void tell(KeyUsed event) {
        told.add(event.act() + " " + event.key() + "#" + event.version());
    }

    @Test
    void aVaultPutUnderAnotherKeyNeedsTheFormerNoMore() throws Exception {
        Held two = new Held(dir.resolve("two"));
        byte[] before;
        byte[] after;
        try (KeyVault vault = open(kek)) {
            assertThat(KeyVault.kekUri(dir.resolve("vault"))).contains("file:one");
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            before = sealer.seal(PLAIN, PLACE);
            vault.rotateTenant("default");
            vault.rekey(two);
            after = sealer.seal(PLAIN, PLACE);
            assertThat(kek.closed).isTrue();
            assertThat(vault.status().kek().uri()).isEqualTo("file:two");
        }
        assertThat(told).contains("rekeyed kek#0");
        Files.delete(dir.resolve("one"));
        assertThat(KeyVault.kekUri(dir.resolve("vault"))).contains("file:two");
        try (KeyVault vault = open(new Held(dir.resolve("two")))) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            assertThat(sealer.open(before, PLACE)).isEqualTo(PLAIN);
            assertThat(sealer.open(after, PLACE)).isEqualTo(PLAIN);
        }
        assertThatThrownBy(() -> open(new Held(dir.resolve("three"))))
                .isInstanceOf(VaultException.class)
                .hasMessageContaining("bring back the KEK");
    }

    @Test
    void aKeyThatCannotBeUsedLeavesEverythingAsItWas() {
        Held two = new Held(dir.resolve("two"));
        KekProvider forgetful =
                new KekProvider() {
                    @Override
                    public String uri() {
                        return "file:forgetful";
                    }

                    @Override
                    public KekStatus status() {
                        return two.status();
                    }

                    @Override
                    public byte[] wrap(byte[] dek, byte[] aad) {
                        return two.wrap(dek, aad);
                    }

                    @Override
                    public byte[] unwrap(byte[] wrapped, byte[] aad) {
                        return new byte[32];
                    }
                };
        try (KeyVault vault = open(kek)) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            byte[] sealed = sealer.seal(PLAIN, PLACE);
            assertThatThrownBy(() -> vault.rekey(forgetful))
                    .isInstanceOf(VaultException.class)
                    .hasMessageContaining("does not give back what it wrapped");
            two.away = true;
            assertThatThrownBy(() -> vault.rekey(two)).isInstanceOf(KeyUnavailableException.class);
            assertThat(sealer.open(sealed, PLACE)).isEqualTo(PLAIN);
            assertThat(kek.closed).isFalse();
        }
        assertThat(KeyVault.kekUri(dir.resolve("vault"))).contains("file:one");
        open(kek).close();
    }

    @Test
    void aKeyThatIsWithdrawnIsForgottenAtOnceAndUsedAgainWhenItReturns() {
        List<String> forgotten = new ArrayList<>();
        try (KeyVault vault = open(kek)) {
            vault.onForgotten(() -> forgotten.add("all"));
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            byte[] sealed = sealer.seal(PLAIN, PLACE);
            kek.no = true;
            assertThat(sealer.open(sealed, PLACE)).as("nobody has asked yet").isEqualTo(PLAIN);
            assertThat(vault.check()).isFalse();
            assertThat(forgotten).containsExactly("all");
            int asked = kek.asked.get();
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> sealer.open(sealed, PLACE))
                        .isInstanceOf(KeyUnavailableException.class)
                        .hasMessageContaining("the customer said no");
                assertThatThrownBy(() -> sealer.seal(PLAIN, PLACE))
                        .isInstanceOf(KeyUnavailableException.class);
            }
            assertThat(kek.asked).as("requests do not hammer the holder").hasValue(asked);
            assertThat(vault.status().withheld()).contains("the customer said no");
            assertThatThrownBy(() -> vault.rotate(Purpose.STORE, "default"))
                    .isInstanceOf(KeyUnavailableException.class);
            kek.no = false;
            assertThatThrownBy(() -> sealer.open(sealed, PLACE))
                    .as("until it was asked")
                    .isInstanceOf(KeyUnavailableException.class);
            assertThat(vault.check()).isTrue();
            assertThat(sealer.open(sealed, PLACE)).isEqualTo(PLAIN);
            assertThat(told).contains("returned kek#0");
        }
    }

    @Test
    void aHolderThatIsAwayIsWaitedForAsLongAsTheBoundSays() {
        try (KeyVault vault = open(kek)) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            byte[] sealed = sealer.seal(PLAIN, PLACE);
            kek.away = true;
            clock.now = clock.now.plus(SETTINGS.cache()).minusMillis(1);
            assertThat(vault.check()).isTrue();
            assertThat(sealer.open(sealed, PLACE)).isEqualTo(PLAIN);
            clock.now = clock.now.plusMillis(1);
            assertThat(vault.check()).isFalse();
            assertThatThrownBy(() -> sealer.open(sealed, PLACE))
                    .isInstanceOf(KeyUnavailableException.class)
                    .hasMessageContaining("nobody answers");
            kek.away = false;
            assertThat(vault.check()).isTrue();
            assertThat(sealer.open(sealed, PLACE)).isEqualTo(PLAIN);
        }
    }

    @Test
    void aHolderThatHangsIsWaitedForNoLonger() throws Exception {
        try (KeyVault vault = open(kek)) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            byte[] sealed = sealer.seal(PLAIN, PLACE);
            CountDownLatch hung = new CountDownLatch(1);
            CountDownLatch end = new CountDownLatch(1);
            kek.before =
                    () -> {
                        hung.countDown();
                        await(end);
                    };
            Thread asking = Thread.ofPlatform().daemon().start(vault::check);
            await(hung);
            clock.now = clock.now.plus(SETTINGS.cache()).minusMillis(1);
            vault.lapse();
            assertThat(sealer.open(sealed, PLACE)).isEqualTo(PLAIN);
            clock.now = clock.now.plusMillis(1);
            vault.lapse();
            assertThatThrownBy(() -> sealer.open(sealed, PLACE))
                    .isInstanceOf(KeyUnavailableException.class)
                    .hasMessageContaining("says nothing");
            end.countDown();
            asking.join();
            assertThat(sealer.open(sealed, PLACE)).as("it answered after all").isEqualTo(PLAIN);
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoeverForgetsMayBeWaitingForTheVault() {
        byte[] sealed;
        try (KeyVault vault = open(kek)) {
            sealed = vault.sealer(Purpose.STORE, "default").seal(PLAIN, PLACE);
        }
        Held again = new Held(dir.resolve("one"));
        try (KeyVault vault = open(again)) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            vault.onForgotten(() -> {
                Thread writer =
                        Thread.ofPlatform()
                                .daemon()
                                .start(() -> vault.sealer(Purpose.STORE, "default"));
                try {
                    writer.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            again.no = true;
            assertThatThrownBy(() -> sealer.open(sealed, PLACE))
                    .isInstanceOf(KeyUnavailableException.class)
                    .hasMessageContaining("the customer said no");
            assertThat(vault.status().withheld()).isPresent();
        }
    }

    @Test
    void aKeyIsFoundThoughTheOneAboveItIsTurnedMeanwhile() throws Exception {
        byte[] sealed;
        try (KeyVault vault = open(kek)) {
            sealed = vault.sealer(Purpose.STORE, "default").seal(PLAIN, PLACE);
        }
        Held again = new Held(dir.resolve("one"));
        try (KeyVault vault = open(again)) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            CountDownLatch turning = new CountDownLatch(1);
            CountDownLatch end = new CountDownLatch(1);
            again.before =
                    () -> {
                        turning.countDown();
                        await(end);
                    };
            Thread turn = Thread.ofPlatform().start(() -> vault.rotateTenant("default"));
            await(turning);
            AtomicReference<byte[]> opened = new AtomicReference<>();
            Thread reader = Thread.ofPlatform().start(() -> opened.set(sealer.open(sealed, PLACE)));
            while (reader.getState() != Thread.State.BLOCKED && reader.isAlive()) {
                Thread.onSpinWait();
            }
            end.countDown();
            turn.join();
            reader.join();
            assertThat(opened.get()).isEqualTo(PLAIN);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aKeyFileTakenAwayIsAKeyWithdrawn() throws Exception {
        try (KeyVault vault = open(kek)) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            byte[] sealed = sealer.seal(PLAIN, PLACE);
            Files.move(dir.resolve("one"), dir.resolve("taken"));
            assertThat(vault.check()).isFalse();
            assertThatThrownBy(() -> sealer.open(sealed, PLACE))
                    .isInstanceOf(KeyUnavailableException.class)
                    .hasMessageContaining("is gone; put it back");
            Files.move(dir.resolve("taken"), dir.resolve("one"));
            assertThat(vault.check()).isTrue();
            assertThat(sealer.open(sealed, PLACE)).isEqualTo(PLAIN);
        }
    }

    @Test
    void sealingGoesOnWhileKeysTurn() throws Exception {
        try (KeyVault vault = open(kek)) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            AtomicBoolean end = new AtomicBoolean();
            AtomicLong done = new AtomicLong();
            List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
            Thread load =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (!end.get()) {
                                    try {
                                        byte[] sealed = sealer.seal(PLAIN, PLACE);
                                        assertThat(sealer.open(sealed, PLACE)).isEqualTo(PLAIN);
                                        done.incrementAndGet();
                                    } catch (Throwable e) {
                                        failures.add(e);
                                    }
                                }
                            });
            for (int round = 0; round < 20; round++) {
                vault.rekey(new Held(dir.resolve("kek" + round)));
                vault.rotateTenant("default");
                vault.rotate(Purpose.STORE, "default");
            }
            end.set(true);
            load.join();
            assertThat(failures).isEmpty();
            assertThat(done).hasPositiveValue();
        }
    }

    @Test
    void theKeyringSaysWhichKekItNeedsAndThatLineIsBound() throws Exception {
        open(kek).close();
        Path file = dir.resolve("vault/keyring");
        String text = Files.readString(file);
        assertThat(text.lines().toList().get(1)).isEqualTo("file:one");
        Files.writeString(file, text.replace("file:one", "file:elsewhere"));
        assertThatThrownBy(() -> open(kek))
                .isInstanceOf(VaultException.class)
                .hasMessageContaining("was altered");
    }
}
