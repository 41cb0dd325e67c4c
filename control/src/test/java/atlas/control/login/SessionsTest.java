package atlas.control.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.control.login.Proven.Bond;
import atlas.control.login.Proven.Standing;
import atlas.control.login.Sessions.Lookup;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.SessionEnded;
import atlas.core.AuditEvent.SessionOpened;
import atlas.core.AuditUnavailableException;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private static final Actor ADMIN = Actor.system("test");

    private final MovableClock clock = new MovableClock();
    private final Set<String> revoked = new HashSet<>();
    private final RecordedLog journal = new RecordedLog();
    private final Sessions sessions =
            new Sessions(
                    SessionLimits.defaults(), journal, who -> revoked.contains(who.id()), clock);
    private Standing.Answer standing = Standing.Answer.HOLDS;

    private Proven alice() {
        return proven("alice", clock.instant().plus(Duration.ofDays(30)), Optional.empty());
    }

    private Proven proven(String who, Instant until, Optional<Bond> bond) {
        Principal principal =
                new Principal(
                        who,
                        Principal.Kind.HUMAN,
                        "default",
                        Set.of(Role.AUDITOR),
                        List.of(),
                        new Principal.Credential(
                                Principal.Credential.Kind.JWT,
                                "tok-1",
                                clock.instant(),
                                until,
                                Optional.empty()));
        return new Proven("oidc", "corp", principal, bond, _ -> standing, Optional::empty);
    }

    private Sessions.Opened open(Proven proven) throws Exception {
        return sessions.open(proven, "req-1", "192.0.2.1");
    }

    private Session live(Sessions.Opened opened) {
        Lookup found = sessions.find(opened.secret(), "192.0.2.1", true);
        assertThat(found).isInstanceOf(Lookup.Live.class);
        return ((Lookup.Live) found).session();
    }

    private String dead(Sessions.Opened opened) {
        Lookup found = sessions.find(opened.secret(), "192.0.2.1", true);
        assertThat(found).isInstanceOf(Lookup.Dead.class);
        return ((Lookup.Dead) found).reason();
    }

    @Test
    void aSessionIsItsPrincipalUnderACredentialOfItsOwn() throws Exception {
        Sessions.Opened opened = open(alice());
        Principal principal = live(opened).principal();
        assertThat(principal.id()).isEqualTo("alice");
        assertThat(principal.roles()).containsExactly(Role.AUDITOR);
        assertThat(principal.credential().kind()).isEqualTo(Principal.Credential.Kind.SESSION);
        assertThat(principal.credential().id()).isEqualTo(opened.session().id());
        assertThat(principal.credential().issued()).isEqualTo(clock.instant());
    }

    @Test
    void noTwoSecretsAreAlikeAndEachHas256Bits() throws Exception {
        Sessions many =
                new Sessions(
                        new SessionLimits(Duration.ofMinutes(15), Duration.ofHours(8), 100),
                        journal,
                        _ -> false,
                        clock);
        Set<String> secrets = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            secrets.add(many.open(alice(), "r", "s").secret().reveal());
        }
        assertThat(secrets).hasSize(100).allMatch(s -> s.matches("[A-Za-z0-9_-]{43}"));
    }

    @Test
    void theSecretIsNowhereInWhatIsRecordedOrShown() throws Exception {
        Sessions.Opened opened = open(alice());
        String secret = opened.secret().reveal();
        assertThat(journal.events.toString() + sessions.list() + opened).doesNotContain(secret);
        assertThat(journal.all(SessionOpened.class)).hasSize(1);
        assertThat(journal.all(SessionOpened.class).getFirst().vouched()).isEqualTo("tok-1");
    }

    @Test
    void aSecretHasOneSpelling() throws Exception {
        Sessions.Opened opened = open(alice());
        String secret = opened.secret().reveal();
        char last = secret.charAt(42);
        for (String other :
                List.of(
                        "",
                        secret + "=",
                        " " + secret,
                        secret.substring(1),
                        secret.substring(0, 42) + (char) (last + 1),
                        "A".repeat(43),
                        "*".repeat(43))) {
            assertThat(sessions.find(Sensitive.of(other), "192.0.2.1", true))
                    .as(other)
                    .isInstanceOf(Lookup.Dead.class);
        }
        live(opened);
    }

    @Test
    void unusedForAQuarterOfAnHourItEnds() throws Exception {
        Sessions.Opened opened = open(alice());
        clock.pass(Duration.ofMinutes(15).minusMillis(1));
        live(opened);
        clock.pass(Duration.ofMinutes(15));
        assertThat(dead(opened)).isEqualTo("session_idle");
        assertThat(dead(opened)).isEqualTo("session_unknown");
        assertThat(journal.all(SessionEnded.class))
                .singleElement()
                .matches(e -> e.reason().equals("idle") && e.principal().equals("alice"));
    }

    @Test
    void whatAPageAsksForByItselfDoesNotKeepItAwake() throws Exception {
        Sessions.Opened opened = open(alice());
        for (int i = 0; i < 14; i++) {
            clock.pass(Duration.ofMinutes(1));
            assertThat(sessions.find(opened.secret(), "192.0.2.1", false))
                    .isInstanceOf(Lookup.Live.class);
        }
        clock.pass(Duration.ofMinutes(1));
        assertThat(dead(opened)).isEqualTo("session_idle");
    }

    @Test
    void howeverBusyItEndsWithTheDay() throws Exception {
        Sessions.Opened opened = open(alice());
        for (int i = 0; i < 8 * 6 - 1; i++) {
            clock.pass(Duration.ofMinutes(10));
            live(opened);
        }
        clock.pass(Duration.ofMinutes(10));
        assertThat(dead(opened)).isEqualTo("session_expired");
    }

    @Test
    void itEndsNoLaterThanWhatVouchedForIt() throws Exception {
        Sessions.Opened opened =
                open(
                        proven(
                                "alice",
                                clock.instant().plus(Duration.ofMinutes(5)),
                                Optional.empty()));
        assertThat(opened.session().ends()).isEqualTo(clock.instant().plusSeconds(300));
        clock.pass(Duration.ofMinutes(5));
        assertThat(sessions.holds(opened.session().id(), "192.0.2.1")).isFalse();
        assertThat(dead(opened)).isEqualTo("session_expired");
    }

    @Test
    void itEndsWhenWhatVouchedNoLongerStandsAndIsUndecidedWhenThatCannotBeTold() throws Exception {
        Sessions.Opened opened = open(alice());
        standing = Standing.Answer.UNKNOWN;
        assertThat(sessions.find(opened.secret(), "192.0.2.1", true))
                .isInstanceOf(Lookup.Undecided.class);
        assertThat(sessions.holds(opened.session().id(), "192.0.2.1")).isFalse();
        standing = Standing.Answer.HOLDS;
        live(opened);
        standing = Standing.Answer.ENDED;
        assertThat(dead(opened)).isEqualTo("session_credential_ended");
        standing = Standing.Answer.HOLDS;
        assertThat(dead(opened)).isEqualTo("session_unknown");
    }

    @Test
    void itEndsWhenItsPrincipalIsRevoked() throws Exception {
        Sessions.Opened opened = open(alice());
        revoked.add("alice");
        assertThat(sessions.holds(opened.session().id(), "192.0.2.1")).isFalse();
        assertThat(dead(opened)).isEqualTo("session_revoked");
        revoked.clear();
        assertThat(dead(opened)).isEqualTo("session_unknown");
    }

    @Test
    void whatCannotBeRecordedIsNotOpened() {
        journal.down = true;
        assertThatThrownBy(() -> open(alice())).isInstanceOf(AuditUnavailableException.class);
        assertThat(sessions.list()).isEmpty();
    }

    @Test
    void aJournalThatIsDownKeepsNobodySignedIn() throws Exception {
        Sessions.Opened opened = open(alice());
        journal.down = true;
        assertThat(sessions.end(opened.session().id(), Ending.REVOKED, ADMIN)).isPresent();
        assertThat(dead(opened)).isEqualTo("session_unknown");
    }

    @Test
    void oneBrowserTooManyEndsTheOldest() throws Exception {
        Sessions.Opened first = open(alice());
        for (int i = 0; i < 9; i++) {
            clock.pass(Duration.ofSeconds(1));
            open(alice());
        }
        live(first);
        open(alice());
        assertThat(dead(first)).isEqualTo("session_unknown");
        assertThat(sessions.list()).hasSize(10);
        assertThat(journal.all(SessionEnded.class).getLast().reason()).isEqualTo("too_many");
    }

    @Test
    void aProviderEndsItsOwnSessionsAndNobodyElses() throws Exception {
        Instant late = clock.instant().plus(Duration.ofDays(1));
        Sessions.Opened one = open(proven("a", late, bond("a", "s1")));
        Sessions.Opened two = open(proven("a", late, bond("a", "s2")));
        Sessions.Opened other = open(proven("b", late, bond("b", "s3")));
        assertThat(sessions.end("corp", new Bond("iss", "", Optional.empty()), ADMIN)).isZero();
        assertThat(sessions.end("elsewhere", new Bond("iss", "a", Optional.empty()), ADMIN))
                .isZero();
        assertThat(sessions.end("corp", new Bond("iss2", "a", Optional.empty()), ADMIN)).isZero();
        assertThat(sessions.end("corp", new Bond("iss", "b", Optional.of("s1")), ADMIN)).isZero();
        assertThat(sessions.end("corp", new Bond("iss", "", Optional.of("s1")), ADMIN)).isOne();
        assertThat(dead(one)).isEqualTo("session_unknown");
        assertThat(sessions.end("corp", new Bond("iss", "a", Optional.empty()), ADMIN)).isOne();
        assertThat(dead(two)).isEqualTo("session_unknown");
        live(other);
    }

    @Test
    void whoHearsOfAnEndMayWaitForOthersWhoLookAtSessions() throws Exception {
        Sessions.Opened opened = open(alice());
        Sessions.Opened other = open(alice());
        sessions.onEnd(_ ->
                CompletableFuture.supplyAsync(() -> live(other))
                        .orTimeout(5, TimeUnit.SECONDS)
                        .join());
        sessions.end(opened.session().id(), Ending.REVOKED, ADMIN);
        assertThat(dead(opened)).isEqualTo("session_unknown");
    }

    @Test
    void aProviderIsAskedWhereToSignOutOnlyByWhoWantsToKnow() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Proven who = alice();
        Sessions.Opened opened =
                open(
                        new Proven(
                                who.method(),
                                who.provider(),
                                who.principal(),
                                who.bond(),
                                who.standing(),
                                () -> {
                                    asked.incrementAndGet();
                                    return Optional.empty();
                                }));
        Sessions.Ended ended =
                sessions.end(opened.session().id(), Ending.SIGNED_OUT, ADMIN).orElseThrow();
        assertThat(asked).hasValue(0);
        assertThat(ended.farewell().get()).isEmpty();
        assertThat(asked).hasValue(1);
    }

    @Test
    void allOfAPersonsSessionsEndThoughWhoHearsOfItFails() throws Exception {
        Instant late = clock.instant().plus(Duration.ofDays(1));
        Sessions.Opened one = open(proven("a", late, bond("a", "s1")));
        Sessions.Opened two = open(proven("a", late, bond("a", "s2")));
        sessions.onEnd(_ -> {
            throw new IllegalStateException("the store is away");
        });
        assertThatThrownBy(
                        () -> sessions.end("corp", new Bond("iss", "a", Optional.empty()), ADMIN))
                .hasMessage("the store is away");
        assertThat(dead(one)).isEqualTo("session_unknown");
        assertThat(dead(two)).isEqualTo("session_unknown");
        assertThat(journal.all(SessionEnded.class)).hasSize(2);
    }

    @Test
    void aSessionThatIsOverIsOverThoughWhoHearsOfItFails() throws Exception {
        Sessions.Opened opened = open(alice());
        sessions.onEnd(_ -> {
            throw new IllegalStateException("the store is away");
        });
        clock.pass(Duration.ofHours(1));
        assertThat(dead(opened)).isEqualTo("session_idle");
        assertThat(journal.all(SessionEnded.class)).hasSize(1);
    }

    private static Optional<Bond> bond(String subject, String session) {
        return Optional.of(new Bond("iss", subject, Optional.of(session)));
    }

    @Test
    void sweepingRecordsWhatNobodyAskedFor() throws Exception {
        open(alice());
        clock.pass(Duration.ofHours(1));
        sessions.sweep();
        assertThat(sessions.list()).isEmpty();
        assertThat(journal.all(SessionEnded.class)).hasSize(1);
    }
}
