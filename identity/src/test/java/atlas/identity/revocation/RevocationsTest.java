package atlas.identity.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.identity.revocation.Revocations.Revocation;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.identity.revocation.Revocations.Subject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RevocationsTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00.400Z");

    private Instant now = START;
    private final Clock clock =
            new Clock() {
                @Override
                public Instant instant() {
                    return now;
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            };
    private final Revocations revocations = Revocations.unkept(clock);

    /** A token as its claims show it: the moment of issue has lost its fraction. */
    private Subject token(String jti) {
        return new Subject(
                "default",
                "alice",
                Instant.ofEpochSecond(now.getEpochSecond()),
                revocations.epoch(),
                Set.of(jti, "parent"),
                Set.of("key-1"),
                Set.of("consumer", "auditor"));
    }

    private Revocation revoke(Kind kind, String id) {
        return revocations.revoke(kind, "default", id, "test");
    }

    @Test
    void endsATokenByEverythingItRestsOn() {
        for (Kind kind : Kind.values()) {
            String id =
                    switch (kind) {
                        case TOKEN -> "parent";
                        case PRINCIPAL -> "alice";
                        case KEY -> "key-1";
                        case GRANT -> Revocation.grant("alice", "auditor");
                        case EVERYTHING -> "*";
                    };
            Subject before = token("t");
            assertThat(revocations.ending(before)).as("%s", kind).isEmpty();
            Revocation made = revoke(kind, id);
            assertThat(revocations.ending(before)).as("%s", kind).contains(made);
            assertThat(revocations.ending(token("t"))).as("%s afterwards", kind).isEmpty();
        }
    }

    @Test
    void leavesAloneWhatIsOnlyAlike() {
        Subject mine = token("t");
        revoke(Kind.TOKEN, "t2");
        revoke(Kind.PRINCIPAL, "alice2");
        revoke(Kind.KEY, "key-2");
        revoke(Kind.GRANT, Revocation.grant("alice", "operator"));
        revoke(Kind.GRANT, Revocation.grant("bob*", "consumer"));
        revocations.revoke(Kind.PRINCIPAL, "other-tenant", "alice", "");
        revocations.revoke(Kind.EVERYTHING, "other-tenant", "*", "");
        assertThat(revocations.ending(mine)).isEmpty();
    }

    @Test
    void aGrantToAPatternEndsEveryTokenItReaches() {
        Subject mine = token("t");
        revoke(Kind.GRANT, Revocation.grant("al*", "consumer"));
        assertThat(revocations.ending(mine)).isPresent();
    }

    @Test
    void tellsTokensOfTheSameSecondApartByTheirEpoch() {
        Subject before = token("before");
        revoke(Kind.PRINCIPAL, "alice");
        now = now.plusMillis(1);
        Subject after = token("after");
        assertThat(before.issued()).isEqualTo(after.issued());
        assertThat(revocations.ending(before)).isPresent();
        assertThat(revocations.ending(after)).isEmpty();
    }

    @Test
    void anEpochFromTheFutureDoesNotSaveAnOldToken() {
        Subject forged =
                new Subject(
                        "default",
                        "alice",
                        now.minusSeconds(60),
                        Long.MAX_VALUE,
                        Set.of(),
                        Set.of(),
                        Set.of());
        revoke(Kind.PRINCIPAL, "alice");
        assertThat(revocations.ending(forged)).isPresent();
    }

    @Test
    void otherCredentialsOfAPrincipalEndWithIt() {
        Instant issued = now.minusSeconds(3600);
        assertThat(revocations.ending("default", "alice", issued)).isEmpty();
        revoke(Kind.PRINCIPAL, "alice");
        assertThat(revocations.ending("default", "alice", issued)).isPresent();
        assertThat(revocations.ending("default", "bob", issued)).isEmpty();
        assertThat(revocations.ending("default", "alice", now.plusMillis(1))).isEmpty();
        now = now.plus(Duration.ofDays(366));
        assertThat(revocations.ending("default", "alice", issued)).isPresent();
    }

    @Test
    void isInForceWithItsEpochBeforeAnybodyHearsOfIt() {
        Subject mine = token("t");
        List<Long> heard = new ArrayList<>();
        revocations.onChange(made -> {
            throw new IllegalStateException("a deaf listener");
        });
        revocations.onChange(made -> {
            assertThat(revocations.epoch()).isEqualTo(made.epoch());
            assertThat(revocations.ending(mine)).isPresent();
            heard.add(made.epoch());
        });
        Revocation made = revoke(Kind.TOKEN, "t");
        revoke(Kind.KEY, "other");
        assertThat(heard).containsExactly(made.epoch(), made.epoch() + 1);
    }

    @Test
    void isInForceEvenWhenTheStoreCannotKeepIt() {
        MemoryRevocationStore store = new MemoryRevocationStore();
        Revocations kept = Revocations.authority(store, clock);
        Subject mine = token("t");
        store.broken = true;
        assertThatThrownBy(() -> kept.revoke(Kind.TOKEN, "default", "t", ""))
                .hasMessage("disk full");
        assertThat(kept.ending(mine)).isPresent();
    }

    @Test
    void survivesARestartAndNeverCountsBackwards() {
        MemoryRevocationStore store = new MemoryRevocationStore();
        Subject mine = token("t");
        Revocations first = Revocations.authority(store, clock);
        first.revoke(Kind.TOKEN, "default", "t", "");
        long epoch = first.epoch();
        Revocations second = Revocations.authority(store, clock);
        assertThat(second.epoch()).isEqualTo(epoch);
        assertThat(second.ending(mine)).isPresent();
        now = now.plus(Revocations.TOKEN_MEMORY).plusSeconds(1);
        second.revoke(Kind.TOKEN, "default", "other", "");
        now = now.plus(Revocations.TOKEN_MEMORY).plusSeconds(1);
        second.revoke(Kind.TOKEN, "default", "third", "");
        assertThat(second.all()).extracting(Revocation::id).containsExactly("third");
        assertThat(Revocations.authority(store, clock).epoch()).isEqualTo(epoch + 2);
    }

    @Test
    void tooManyRevocationsEndEveryTokenInsteadOfBeingForgotten() {
        Subject mine = token("never named");
        for (int i = 0; i < Revocations.LIMIT; i++) {
            revocations.revoke(Kind.TOKEN, "default", "t" + i, "");
        }
        assertThat(revocations.ending(mine)).isEmpty();
        assertThat(revoke(Kind.TOKEN, "one more").kind()).isEqualTo(Kind.EVERYTHING);
        assertThat(revocations.ending(mine)).isPresent();
        assertThatThrownBy(() -> revoke(Kind.PRINCIPAL, "alice")).hasMessageContaining("in force");
    }

    @Test
    void aFollowerKnowsWhenItKnowsTooLittle() {
        Revocations follower = Revocations.follower(Duration.ofSeconds(10), clock);
        assertThat(follower.current(now)).isFalse();
        Subject mine = token("t");
        Revocation made = revoke(Kind.TOKEN, "t");
        assertThat(follower.follow(revocations.epoch(), now, revocations.all())).isTrue();
        assertThat(follower.current(now)).isTrue();
        assertThat(follower.ending(mine)).contains(made);
        assertThat(follower.current(now.plusSeconds(10))).isTrue();
        assertThat(follower.current(now.plusMillis(10_001))).isFalse();
        assertThat(revocations.current(now.plusSeconds(1000))).isTrue();
    }

    @Test
    void aFollowerTakesTheHigherEpochWhateverTheClockOfItsAuthoritySays() {
        Revocations follower = Revocations.follower(Duration.ofSeconds(10), clock);
        assertThat(follower.follow(0, now, List.of())).isTrue();
        Subject mine = token("t");
        Revocation made = revoke(Kind.TOKEN, "t");
        // The clock was put back, or another was told first that nothing had changed.
        assertThat(follower.follow(1, now.minusMillis(300), revocations.all())).isTrue();
        assertThat(follower.ending(mine)).contains(made);
        assertThat(follower.current(now.plusSeconds(10))).as("knows no less").isTrue();
    }

    @Test
    void aFollowerIsNotTakenBack() {
        Revocations follower = Revocations.follower(Duration.ofSeconds(10), clock);
        List<Long> heard = new ArrayList<>();
        follower.onChange(r -> heard.add(r.epoch()));
        List<Revocation> early = revocations.all();
        Subject mine = token("t");
        revoke(Kind.TOKEN, "t");
        assertThat(follower.follow(1, now, revocations.all())).isTrue();
        assertThat(follower.follow(0, now.plusSeconds(5), early)).isFalse();
        assertThat(follower.follow(1, now.minusSeconds(5), revocations.all())).isFalse();
        assertThat(follower.follow(1, now.plusSeconds(5), early)).isTrue();
        assertThat(follower.ending(mine)).isPresent();
        assertThat(heard).containsExactly(1L);
        assertThatThrownBy(() -> follower.revoke(Kind.TOKEN, "default", "x", ""))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFollowerTakesANumberThatWasGivenAgain() {
        MemoryRevocationStore store = new MemoryRevocationStore();
        Subject mine = token("t");
        Revocations first = Revocations.authority(store, clock);
        store.broken = true;
        assertThatThrownBy(() -> first.revoke(Kind.TOKEN, "default", "lost", ""))
                .hasMessage("disk full");
        Revocations follower = Revocations.follower(Duration.ofSeconds(10), clock);
        follower.follow(first.epoch(), now, first.all());
        store.broken = false;
        now = now.plusSeconds(2);
        Revocations second = Revocations.authority(store, clock);
        second.revoke(Kind.TOKEN, "default", "t", "");
        assertThat(second.epoch()).isEqualTo(follower.epoch());

        long before = follower.epoch();
        assertThat(follower.follow(second.epoch(), now, second.all())).isTrue();
        assertThat(follower.ending(mine)).isPresent();
        assertThat(follower.ending(token("lost"))).isPresent();
        assertThat(follower.epoch()).isGreaterThan(before);
    }

    /** A store that can be told to fail. */
    private static final class MemoryRevocationStore implements Revocations.Store {
        private final List<Revocation> rows = new ArrayList<>();
        private boolean broken;

        @Override
        public List<Revocation> all() {
            return List.copyOf(rows);
        }

        @Override
        public void put(Revocation revocation) {
            if (broken) {
                throw new IllegalStateException("disk full");
            }
            rows.add(revocation);
        }

        @Override
        public void forget(Collection<Revocation> ended) {
            rows.removeAll(ended);
        }
    }

    @Test
    void aStoreThatIsSlowToKeepOneDoesNotHoldUpTheNext() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Revocations authority = Revocations.authority(new SlowStore(writing, go), clock);
        Subject mine = token("second");
        CompletableFuture<Void> first =
                aside(() -> authority.revoke(Kind.TOKEN, "default", "first", ""));
        writing.await();
        CompletableFuture<Void> second =
                aside(() -> authority.revoke(Kind.TOKEN, "default", "second", ""));
        try {
            // In force, though neither is kept yet.
            aside(
                            () -> {
                                while (authority.ending(mine).isEmpty()) {
                                    Thread.onSpinWait();
                                }
                            })
                    .get(30, TimeUnit.SECONDS);
            assertThat(second).isNotDone();
        } finally {
            go.countDown();
        }
        CompletableFuture.allOf(first, second).get(30, TimeUnit.SECONDS);
    }

    private static CompletableFuture<Void> aside(Runnable work) {
        return CompletableFuture.runAsync(work, task -> Thread.ofPlatform().daemon().start(task));
    }

    /** A store that writes when it is told to. */
    private record SlowStore(CountDownLatch writing, CountDownLatch go)
            implements Revocations.Store {
        @Override
        public List<Revocation> all() {
            return List.of();
        }

        @Override
        public void put(Revocation revocation) {
            writing.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void forget(Collection<Revocation> ended) {}
    }
}
