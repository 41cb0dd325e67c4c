package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys.Cadence;
import atlas.identity.ApiKeys.Cadence.Standing;
import atlas.identity.ApiKeys.Issued;
import atlas.identity.ApiKeys.KeyRequest;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ApiKeysTest {
    private static final Sensitive<byte[]> PEPPER =
            Sensitive.of("a pepper of at least thirty-two bytes".getBytes(StandardCharsets.UTF_8));
    private static final String HERE = "192.0.2.7";
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
        return keys.authenticate(issued.secret(), HERE, true);
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
        rejected(elsewhere.authenticate(issued.secret(), HERE, true), "key_secret_wrong");

        // A hash moved to another id in the store does not work there.
        Issued other = keys.issue(request(DAY));
        KeyText mine = KeyText.parse(issued.secret().reveal()).orElseThrow();
        String forged = new KeyText(other.key().id(), mine.secret()).text();
        store.put(withHash(other.key(), issued.key().hash()));
        rejected(keys.authenticate(Sensitive.of(forged), HERE, true), "key_secret_wrong");
    }

    @Test
    void refusesTheRightIdWithAnotherSecret() {
        Issued issued = keys.issue(request(DAY));
        Issued other = keys.issue(request(DAY));
        String secret = KeyText.parse(other.secret().reveal()).orElseThrow().secret();
        String mixed = new KeyText(issued.key().id(), secret).text();
        Authentication outcome = keys.authenticate(Sensitive.of(mixed), HERE, true);
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
                        keys.authenticate(Sensitive.of(text.substring(0, keep) + rest), HERE, true),
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
    void endsWhenRevokedEvenIfThatCannotBeKept() {
        AtomicInteger failures = new AtomicInteger();
        ApiKeyStore full =
                new ApiKeyStore() {
                    @Override
                    public void put(ApiKey key) {
                        if (key.revoked().isPresent() && failures.getAndIncrement() == 0) {
                            throw new StoreUnavailableException("disk full", null);
                        }
                        store.put(key);
                    }

                    @Override
                    public Optional<ApiKey> find(String id) {
                        return store.find(id);
                    }

                    @Override
                    public List<ApiKey> all() {
                        return store.all();
                    }

                    @Override
                    public void touched(String id, Instant when) {
                        store.touched(id, when);
                    }

                    @Override
                    public void onChange(Runnable listener) {
                        store.onChange(listener);
                    }
                };
        ApiKeys flaky = new ApiKeys(full, PEPPER, clock);
        AtomicInteger told = new AtomicInteger();
        flaky.onRevoked(_ -> told.incrementAndGet());
        Issued issued = flaky.issue(request(DAY));
        String id = issued.key().id();

        assertThatThrownBy(() -> flaky.revoke(id)).isInstanceOf(StoreUnavailableException.class);
        rejected(flaky.authenticate(issued.secret(), HERE, true), "key_revoked");
        rejected(flaky.again(id, HERE), "key_revoked");
        assertThat(flaky.rotate(id, DAY)).isEmpty();
        assertThat(told).as("its tokens end with it").hasValue(1);

        assertThat(flaky.revoke(id).orElseThrow().revoked()).isPresent();
        assertThat(store.find(id).orElseThrow().revoked()).as("kept now").isPresent();
    }

    @Test
    void revokingOnceMoreFinishesWhatTheFirstTimeDidNot() {
        Issued issued = keys.issue(request(DAY));
        AtomicInteger told = new AtomicInteger();
        keys.onRevoked(_ -> {
            if (told.incrementAndGet() == 1) {
                throw new StoreUnavailableException("away", null);
            }
        });
        assertThatThrownBy(() -> keys.revoke(issued.key().id()))
                .isInstanceOf(StoreUnavailableException.class);
        rejected(check(issued), "key_revoked");
        assertThat(keys.revoke(issued.key().id())).isPresent();
        assertThat(told).hasValue(2);
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
        ApiKeys counted =
                new ApiKeys(new CountingStore(store, found), counting, Cadence.defaults(), clock);
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
            counted.authenticate(Sensitive.of(text), HERE, true);
            assertThat(hashed).hasValue(1);
            assertThat(found).hasValue(1);
        }
        hashed.set(0);
        found.set(0);
        counted.authenticate(Sensitive.of(known.substring(1) + "a"), HERE, true);
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
        Authentication outcome =
                new ApiKeys(away, PEPPER, clock).authenticate(issued.secret(), HERE, true);
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
        noted.authenticate(issued.secret(), HERE, true);
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

    private Issued issuedFrom(String... networks) {
        KeyLimits limits =
                new KeyLimits(
                        List.of(networks).stream().map(Cidr::parse).toList(),
                        Optional.empty(),
                        Optional.empty());
        return keys.issue(
                new KeyRequest(
                        "alice",
                        Principal.Kind.SERVICE,
                        "default",
                        Set.of(Role.CONSUMER),
                        List.of(new Glob("tiny*")),
                        limits,
                        Duration.ofDays(366),
                        ""));
    }

    private Authentication from(String source, Issued issued) {
        return keys.authenticate(issued.secret(), source, true);
    }

    @Test
    void worksFromItsNetworksOnly() {
        Issued bound = issuedFrom("10.1.0.0/16", "2001:db8::/32");
        assertThat(from("10.1.255.1", bound)).isInstanceOf(Authenticated.class);
        assertThat(from("::ffff:10.1.0.9", bound)).isInstanceOf(Authenticated.class);
        assertThat(from("2001:db8:9::1", bound)).isInstanceOf(Authenticated.class);
        for (String elsewhere : List.of("10.2.0.1", "::1", "2001:db9::1", "local", "")) {
            Authentication outcome = from(elsewhere, bound);
            rejected(outcome, "key_source");
            assertThat(((Rejected) outcome).toHolder()).isEmpty();
        }
        assertThat(from("203.0.113.9", keys.issue(request(DAY)))).isInstanceOf(Authenticated.class);
    }

    @Test
    void aUseFromElsewhereIsNotAUse() {
        Issued bound = issuedFrom("10.1.0.0/16");
        from("10.2.0.1", bound);
        assertThat(keys.list().getFirst().lastUsed()).isEmpty();
    }

    @Test
    void aSuccessorIsBoundAsItsPredecessorWas() {
        Issued bound = issuedFrom("10.1.0.0/16");
        Issued next = keys.rotate(bound.key().id(), DAY).orElseThrow();
        assertThat(next.key().limits()).isEqualTo(bound.key().limits());
        rejected(from("10.2.0.1", next), "key_source");
    }

    @Test
    void worksNoMoreWhenItOutlivesItsCadence() {
        Issued old = issuedFrom();
        clock.advance(Duration.ofDays(90).minusNanos(1));
        Authentication lastMoment = check(old);
        assertThat(((Authenticated) lastMoment).principal().credential().expires())
                .as("whoever holds on to the principal knows when it ends")
                .isEqualTo(SettableClock.START.plus(Duration.ofDays(90)));
        clock.advance(Duration.ofNanos(1));
        rejected(check(old), "key_overdue");
    }

    @Test
    void tellsTheHolderOfAnOverdueKeyHowToMendItAndNobodyElse() {
        Issued old = issuedFrom("10.1.0.0/16");
        String id = old.key().id();
        clock.advance(Duration.ofDays(90));

        Rejected holder = (Rejected) from("10.1.0.1", old);
        assertThat(holder.toHolder().orElseThrow())
                .contains(id, "2026-", "atlas key rotate " + id)
                .doesNotContain(KeyText.parse(old.secret().reveal()).orElseThrow().secret());

        // Right id, wrong secret; right secret, wrong place; no such id: nothing is told.
        String other =
                KeyText.parse(keys.issue(request(DAY)).secret().reveal()).orElseThrow().secret();
        String guessed = new KeyText(id, other).text();
        for (Rejected stranger :
                List.of(
                        (Rejected) keys.authenticate(Sensitive.of(guessed), "10.1.0.1", true),
                        (Rejected) from("10.2.0.1", old),
                        (Rejected)
                                keys.authenticate(
                                        Sensitive.of(new KeyText("a".repeat(16), other).text()),
                                        "10.1.0.1",
                                        true))) {
            assertThat(stranger.toHolder()).isEmpty();
        }
        assertThat(keys.list().getFirst().lastUsed()).isEmpty();
    }

    @Test
    void anOverdueKeyCanBeRotatedButDoesNotComeBack() {
        Issued old = issuedFrom();
        clock.advance(Duration.ofDays(91));
        Issued next = keys.rotate(old.key().id(), DAY).orElseThrow();
        rejected(check(old), "key_overdue");
        assertThat(((Rejected) check(old)).toHolder().orElseThrow()).contains(next.key().id());
        assertThat(check(next)).isInstanceOf(Authenticated.class);
    }

    @Test
    void aKeyOfSeveralRolesHasTheShortestOfTheirCadences() {
        Cadence cadence =
                new Cadence(
                        Duration.ofDays(90),
                        Map.of(Role.SECURITY_ADMIN, Duration.ofDays(7)),
                        Duration.ofDays(14));
        ApiKeys strict = new ApiKeys(store, PEPPER, cadence, clock);
        Issued issued =
                strict.issue(
                        new KeyRequest(
                                "sam",
                                Principal.Kind.HUMAN,
                                "default",
                                Set.of(Role.CONSUMER, Role.SECURITY_ADMIN),
                                List.of(),
                                Duration.ofDays(60),
                                ""));
        assertThat(cadence.due(issued.key())).isEqualTo(clock.instant().plus(Duration.ofDays(7)));
        clock.advance(Duration.ofDays(7));
        rejected(strict.authenticate(issued.secret(), HERE, true), "key_overdue");
    }

    @Test
    void remindsBeforeTheEndUnlessThereIsASuccessor() {
        Cadence cadence = keys.cadence();
        Issued old = issuedFrom();
        Instant due = cadence.due(old.key());
        assertThat(cadence.standing(old.key(), due.minus(Duration.ofDays(14)).minusNanos(1)))
                .isEqualTo(Standing.ACTIVE);
        assertThat(cadence.standing(old.key(), due.minus(Duration.ofDays(14))))
                .isEqualTo(Standing.DUE);
        assertThat(cadence.standing(old.key(), due)).isEqualTo(Standing.OVERDUE);
        clock.advance(Duration.ofDays(80));
        assertThat(keys.standings()).containsExactlyEntriesOf(Map.of(Standing.DUE, 1));
        keys.rotate(old.key().id(), DAY);
        assertThat(keys.standings()).containsExactlyEntriesOf(Map.of(Standing.ACTIVE, 2));
        clock.advance(DAY);
        assertThat(keys.standings())
                .containsOnly(Map.entry(Standing.ACTIVE, 1), Map.entry(Standing.EXPIRED, 1));
    }

    @Test
    void remindsOfAShortLifeInItsLastQuarterOnly() {
        Cadence cadence = keys.cadence();
        Issued brief = keys.issue(request(DAY));
        Instant start = clock.instant();
        assertThat(cadence.standing(brief.key(), start)).isEqualTo(Standing.ACTIVE);
        assertThat(cadence.standing(brief.key(), start.plus(Duration.ofHours(18)).minusNanos(1)))
                .isEqualTo(Standing.ACTIVE);
        assertThat(cadence.standing(brief.key(), start.plus(Duration.ofHours(18))))
                .isEqualTo(Standing.DUE);
    }

    @Test
    void lookingAgainAtARequestUnderWayIsNotAUse() {
        Issued issued = keys.issue(request(DAY));
        assertThat(keys.authenticate(issued.secret(), HERE, false))
                .isInstanceOf(Authenticated.class);
        assertThat(keys.list().getFirst().lastUsed()).isEmpty();
    }

    private static ApiKey withHash(ApiKey key, byte[] hash) {
        return new ApiKey(
                key.id(),
                key.principal(),
                key.kind(),
                key.tenant(),
                key.roles(),
                key.models(),
                key.limits(),
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

        @Override
        public void onChange(Runnable listener) {
            inner.onChange(listener);
        }
    }

    @Test
    void anOverlapShorterThanATokenLivesEndsTheTokensOfTheOldKey() {
        List<String> told = new ArrayList<>();
        keys.onRevoked(key -> told.add(key.id()));
        Issued soon = keys.issue(request(DAY));
        Issued later = keys.issue(request(DAY));

        assertThat(keys.rotate(soon.key().id(), Duration.ofMinutes(1))).isPresent();
        assertThat(keys.rotate(later.key().id(), Duration.ofHours(1))).isPresent();

        assertThat(told).containsExactly(soon.key().id());
        assertThat(check(soon)).as("works on for the overlap").isInstanceOf(Authenticated.class);
    }
}
