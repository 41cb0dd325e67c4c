package atlas.identity.token;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.identity.Presented;
import atlas.identity.SettableClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProofMemoryTest {
    private static final Duration WINDOW = Duration.ofSeconds(75);

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void knowsEveryProofForAsLongAsItCouldBeAccepted() {
        SeenProofs seen = new SeenProofs(WINDOW, 1000, 1000);
        for (int i = 0; i < 60; i++) {
            String id = "proof-" + i;
            assertThat(seen.use("key", id, now)).isEqualTo(SeenProofs.Verdict.FIRST);
            Instant then = now;
            for (int s = 0; s < 75; s += 25) {
                now = then.plusSeconds(s);
                assertThat(seen.use("key", id, now)).isEqualTo(SeenProofs.Verdict.REPLAYED);
            }
        }
    }

    @Test
    void tellsKeysApart() {
        SeenProofs seen = new SeenProofs(WINDOW, 10, 10);
        assertThat(seen.use("one", "id", now)).isEqualTo(SeenProofs.Verdict.FIRST);
        assertThat(seen.use("two", "id", now)).isEqualTo(SeenProofs.Verdict.FIRST);
    }

    @Test
    void acceptsNothingMoreWhenItIsFullAndRecovers() {
        SeenProofs seen = new SeenProofs(WINDOW, 3, 2);
        assertThat(seen.use("one", "a", now)).isEqualTo(SeenProofs.Verdict.FIRST);
        assertThat(seen.use("one", "b", now)).isEqualTo(SeenProofs.Verdict.FIRST);
        assertThat(seen.use("one", "c", now)).isEqualTo(SeenProofs.Verdict.FULL);
        assertThat(seen.use("two", "a", now)).isEqualTo(SeenProofs.Verdict.FIRST);
        assertThat(seen.use("three", "a", now)).isEqualTo(SeenProofs.Verdict.FULL);
        assertThat(seen.use("one", "a", now)).isEqualTo(SeenProofs.Verdict.REPLAYED);
        now = now.plus(WINDOW);
        assertThat(seen.use("one", "c", now)).isEqualTo(SeenProofs.Verdict.FIRST);
    }

    @Test
    void aProofThatCannotBeRememberedIsNotAccepted() throws Exception {
        SettableClock clock = new SettableClock();
        Proofs proofs = new Proofs(clock, new SeenProofs(WINDOW, 1, 1));
        ProofMaker maker = new ProofMaker(clock);
        Presented.Request request =
                new Presented.Request(Presented.Request.GATEWAY, "GET", "h", "/p", "192.0.2.1");
        Proofs.Verdict first = judge(proofs, maker, request);
        Proofs.Verdict second = judge(proofs, maker, request);
        assertThat(first).isEqualTo(new Proofs.Verdict.Proven(maker.thumbprint()));
        assertThat(second).isInstanceOf(Proofs.Verdict.Full.class);
    }

    private static Proofs.Verdict judge(Proofs proofs, ProofMaker maker, Presented.Request request)
            throws TokenFault {
        String proof =
                maker.proof(
                        "GET",
                        URI.create("https://h:443/p?q=1"),
                        Optional.empty(),
                        Optional.of(proofs.currentNonce()));
        return proofs.judge(proof, request, Optional.empty(), Optional.empty());
    }

    @Test
    void aNonceHoldsForItsWindowAndTheNext() {
        SettableClock clock = new SettableClock();
        Nonces nonces = new Nonces(clock);
        String nonce = nonces.current();
        assertThat(nonces.holds(nonce)).isTrue();
        clock.advance(Nonces.WINDOW);
        assertThat(nonces.current()).isNotEqualTo(nonce);
        assertThat(nonces.holds(nonce)).isTrue();
        clock.advance(Nonces.WINDOW);
        assertThat(nonces.holds(nonce)).isFalse();
        assertThat(new Nonces(clock).holds(nonces.current())).as("of another process").isFalse();
        assertThat(nonces.holds("")).isFalse();
    }
}
