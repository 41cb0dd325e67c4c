package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys.Issued;
import atlas.identity.ApiKeys.KeyRequest;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ApiKeysTest {
    private static final Sensitive<byte[]> PEPPER =
            Sensitive.of("a pepper of at least thirty-two bytes".getBytes(StandardCharsets.UTF_8));
    private static final Duration DAY = Duration.ofDays(1);

    private final SettableClock clock = new SettableClock();
    private final MemoryApiKeyStore store = new MemoryApiKeyStore();
    private final ApiKeys keys = new ApiKeys(store, PEPPER, clock);

    private static KeyRequest request(Duration lifetime) {
        return new KeyRequest(
                "alice",
                Principal.Kind.SERVICE,
                "default",
                Set.of(Role.CONSUMER),
                List.of(new Glob("tiny*")),
                lifetime,
                "for the test");
    }

    private Authentication check(Issued issued) {
        return keys.authenticate(issued.secret());
    }

    private static void rejected(Authentication outcome, String reason) {
        assertThat(outcome).isInstanceOf(Rejected.class);
        assertThat(((Rejected) outcome).reason()).isEqualTo(reason);
    }

    @Test
    void authenticatesWhomItWasIssuedTo() {
        Issued issued = keys.issue(request(DAY));
        Authentication outcome = check(issued);
        assertThat(outcome).isInstanceOf(Authenticated.class);
        Principal principal = ((Authenticated) outcome).principal();
        assertThat(principal.id()).isEqualTo("alice");
        assertThat(principal.roles()).containsExactly(Role.CONSUMER);
        assertThat(principal.models()).containsExactly(new Glob("tiny*"));
        assertThat(principal.credential().id()).isEqualTo(issued.key().id());
        assertThat(principal.credential().expires()).isEqualTo(clock.instant().plus(DAY));
    }

    @Test
    void keepsNoPartOfTheSecret() {
        Issued issued = keys.issue(request(DAY));
        String secret = KeyText.parse(issued.secret().reveal()).orElseThrow().secret();
        ApiKey stored = store.find(issued.key().id()).orElseThrow();
        assertThat(new String(stored.hash(), StandardCharsets.ISO_8859_1)).doesNotContain(secret);
        assertThat(stored.toString() + issued).doesNotContain(secret);
        assertThat(stored.hash()).hasSize(32);
    }

    @Test
    void aHashIsUselessUnderAnotherPepperOrId() {
        Issued issued = keys.issue(request(DAY));
        ApiKeys elsewhere = new ApiKeys(store, Sensitive.of(new byte[64]), clock);
        rejected(elsewhere.authenticate(issued.secret()), "key_secret_wrong");

        // A hash moved to another id in the store does not work there.
        Issued other = keys.issue(request(DAY));
        KeyText mine = KeyText.parse(issued.secret().reveal()).orElseThrow();
        String forged = new KeyText(other.key().id(), mine.secret()).text();
        store.put(withHash(other.key(), issued.key().hash()));
        rejected(keys.authenticate(Sensitive.of(forged)), "key_secret_wrong");
    }

    @Test
    void refusesTheRightIdWithAnotherSecret() {
        Issued issued = keys.issue(request(DAY));
        Issued other = keys.issue(request(DAY));
        String secret = KeyText.parse(other.secret().reveal()).orElseThrow().secret();
        String mixed = new KeyText(issued.key().id(), secret).text();
        Authentication outcome = keys.authenticate(Sensitive.of(mixed));
        rejected(outcome, "key_secret_wrong");
        assertThat(((Rejected) outcome).hint()).doesNotContain(secret);
    }

    @Test
    void refusesAPrefixOfAKnownKeyWithOtherEnds() {
        String text = keys.issue(request(DAY)).secret().reveal();
        for (int keep = KeyText.PREFIX.length(); keep < text.length(); keep++) {
            String rest = "a".repeat(text.length() - keep);
            if (!text.endsWith(rest)) {
                rejected(
                        keys.authenticate(Sensitive.of(text.substring(0, keep) + rest)),
                        "key_malformed");
            }
        }
    }

    @Test
    void endsWhenItExpiresToTheInstant() {
        Issued issued = keys.issue(request(DAY));
        clock.advance(DAY.minusNanos(1));
        assertThat(check(issued)).isInstanceOf(Authenticated.class);
        clock.advance(Duration.ofNanos(1));
        rejected(check(issued), "key_expired");
    }

    @Test
    void endsWhenRevokedAndStaysSo() {
        Issued issued = keys.issue(request(DAY));
        Optional<ApiKey> revoked = keys.revoke(issued.key().id());
        assertThat(revoked.orElseThrow().revoked()).contains(clock.instant());
        rejected(check(issued), "key_revoked");
        clock.advance(Duration.ofHours(1));
        assertThat(keys.revoke(issued.key().id()).orElseThrow().revoked())
                .contains(SettableClock.START);
        assertThat(keys.revoke("nobodynobodynobo")).isEmpty();
    }

    @Test
    void bothKeysWorkWhileARotationOverlaps() {
        Issued old = keys.issue(request(DAY));
        Issued next = keys.rotate(old.key().id(), Duration.ofHours(2)).orElseThrow();
        assertThat(check(old)).isInstanceOf(Authenticated.class);
        assertThat(check(next)).isInstanceOf(Authenticated.class);
        assertThat(store.find(old.key().id()).orElseThrow().replacedBy()).contains(next.key().id());
        clock.advance(Duration.ofHours(2));
        rejected(check(old), "key_expired");
        assertThat(check(next)).isInstanceOf(Authenticated.class);
        assertThat(next.key().roles()).isEqualTo(old.key().roles());
        assertThat(next.key().models()).isEqualTo(old.key().models());
        assertThat(next.key().principal()).isEqualTo("alice");
    }

    @Test
    void anOverlapNeverLengthensTheOldKey() {
        Issued old = keys.issue(request(Duration.ofHours(1)));
        assertThat(keys.rotate(old.key().id(), Duration.ofDays(7))).isPresent();
        clock.advance(Duration.ofHours(1));
        rejected(check(old), "key_expired");
    }

    @Test
    void aRotationWithoutOverlapEndsTheOldKeyAtOnce() {
        Issued old = keys.issue(request(DAY));
        Issued next = keys.rotate(old.key().id(), Duration.ZERO).orElseThrow();
        rejected(check(old), "key_revoked");
        assertThat(check(next)).isInstanceOf(Authenticated.class);
    }

    @Test
    void aKeyHasOneSuccessorAndADeadKeyNone() {
        Issued old = keys.issue(request(DAY));
        assertThat(keys.rotate(old.key().id(), Duration.ofHours(2))).isPresent();
        assertThat(keys.rotate(old.key().id(), Duration.ofHours(2))).isEmpty();
        Issued gone = keys.issue(request(DAY));
        keys.revoke(gone.key().id());
        assertThat(keys.rotate(gone.key().id(), DAY)).isEmpty();
        assertThat(keys.rotate("nobodynobodynobo", DAY)).isEmpty();
    }

    @Test
    void doesTheSameWorkForUnknownAndKnownIds() {
        AtomicInteger hashed = new AtomicInteger();
        AtomicInteger found = new AtomicInteger();
        UnaryOperator<byte[]> counting =
                message -> {
                    hashed.incrementAndGet();
                    return new KeyedHash(PEPPER).apply(message);
                };
        ApiKeys counted = new ApiKeys(new CountingStore(store, found), counting, clock);
        Issued live = keys.issue(request(DAY));
        Issued revoked = keys.issue(request(DAY));
        keys.revoke(revoked.key().id());
        String known = live.secret().reveal();
        String unknown = KeyText.random(new java.security.SecureRandom()).text();
        KeyText parts = KeyText.parse(known).orElseThrow();
        String wrong =
                new KeyText(parts.id(), KeyText.parse(unknown).orElseThrow().secret()).text();
        for (String text : List.of(known, unknown, wrong, revoked.secret().reveal())) {
            hashed.set(0);
            found.set(0);
            counted.authenticate(Sensitive.of(text));
            assertThat(hashed).hasValue(1);
            assertThat(found).hasValue(1);
        }
        hashed.set(0);
        found.set(0);
        counted.authenticate(Sensitive.of(known.substring(1) + "a"));
        assertThat(hashed).as("a slip costs no hash").hasValue(0);
        assertThat(found).as("and no look-up").hasValue(0);
    }

    @Test
    void aStoreThatIsAwayIsNeitherYesNorNo() {
        ApiKeyStore away =
                new CountingStore(store, new AtomicInteger()) {
                    @Override
                    public Optional<ApiKey> find(String id) {
                        throw new StoreUnavailableException("away", null);
                    }
                };
        Issued issued = keys.issue(request(DAY));
        Authentication outcome = new ApiKeys(away, PEPPER, clock).authenticate(issued.secret());
        assertThat(outcome).isEqualTo(new Unavailable("key store"));
    }

    @Test
    void notesUsesWithoutWritingThemOnTheWay() {
        Issued issued = keys.issue(request(DAY));
        check(issued);
        assertThat(store.find(issued.key().id()).orElseThrow().lastUsed()).isEmpty();
        assertThat(keys.list().getFirst().lastUsed()).contains(clock.instant());
        keys.flush();
        assertThat(store.find(issued.key().id()).orElseThrow().lastUsed())
                .contains(clock.instant());
    }

    @Test
    void aRefusedUseIsNotAUse() {
        Issued issued = keys.issue(request(DAY));
        keys.revoke(issued.key().id());
        check(issued);
        keys.flush();
        assertThat(store.find(issued.key().id()).orElseThrow().lastUsed()).isEmpty();
    }

    @Test
    void keepsUsesThatCouldNotBeWritten() {
        boolean[] away = {true};
        ApiKeyStore flaky =
                new CountingStore(store, new AtomicInteger()) {
                    @Override
                    public void touched(String id, Instant when) {
                        if (away[0]) {
                            throw new StoreUnavailableException("away", null);
                        }
                        super.touched(id, when);
                    }
                };
        ApiKeys noted = new ApiKeys(flaky, PEPPER, clock);
        Issued issued = noted.issue(request(DAY));
        noted.authenticate(issued.secret());
        assertThatThrownBy(noted::flush).isInstanceOf(StoreUnavailableException.class);
        away[0] = false;
        noted.flush();
        assertThat(store.find(issued.key().id()).orElseThrow().lastUsed()).isPresent();
    }

    @Test
    void refusesRequestsThatMakeNoSense() {
        for (Duration lifetime :
                List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(367))) {
            assertThatThrownBy(() -> request(lifetime))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String name : List.of("", "a b", "a*", "a\nb", "a`b", "x".repeat(201))) {
            assertThatThrownBy(() ->
                            new KeyRequest(
                                    name,
                                    Principal.Kind.HUMAN,
                                    "default",
                                    Set.of(Role.AUDITOR),
                                    List.of(),
                                    DAY,
                                    ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("not a principal name");
        }
        assertThatThrownBy(() -> new ApiKeys(store, Sensitive.of(new byte[31]), clock))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static ApiKey withHash(ApiKey key, byte[] hash) {
        return new ApiKey(
                key.id(),
                key.principal(),
                key.kind(),
                key.tenant(),
                key.roles(),
                key.models(),
                key.issued(),
                key.expires(),
                key.revoked(),
                key.replacedBy(),
                key.lastUsed(),
                key.note(),
                hash);
    }

    /** Counts look-ups. */
    static class CountingStore implements ApiKeyStore {
        private final ApiKeyStore inner;
        private final AtomicInteger found;

        CountingStore(ApiKeyStore inner, AtomicInteger found) {
            this.inner = inner;
            this.found = found;
        }

        @Override
        public void put(ApiKey key) {
            inner.put(key);
        }

        @Override
        public Optional<ApiKey> find(String id) {
            found.incrementAndGet();
            return inner.find(id);
        }

        @Override
        public List<ApiKey> all() {
            return inner.all();
        }

        @Override
        public void touched(String id, Instant when) {
            inner.touched(id, when);
        }
    }
}
