package atlas.control.live;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.journal.Appended;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ActivityFeedTest {
    private static final Instant WHEN = Instant.parse("2026-01-01T00:00:00Z");

    private static Appended act(long index) {
        return new Appended(
                index,
                new AdminAct(
                        "req_1", Actor.system("test"), "key.issue", "key:x", "allowed", "", ""),
                WHEN);
    }

    @Test
    void aWatcherHearsWhatCameBeforeAndWhatComesAfter() throws InterruptedException {
        try (ActivityFeed feed = new ActivityFeed()) {
            feed.accept(act(0));
            ActivityFeed.Watcher watcher = feed.join().orElseThrow();
            feed.accept(act(1));

            assertThat(watcher.before()).extracting(Activity::index).containsExactly(0L);
            assertThat(watcher.next(0, TimeUnit.SECONDS).orElseThrow().index()).isEqualTo(1);
        }
    }

    @Test
    void aSlowWatcherIsCutOffAndTheOthersAreNot() throws InterruptedException {
        try (ActivityFeed feed = new ActivityFeed()) {
            ActivityFeed.Watcher slow = feed.join().orElseThrow();
            ActivityFeed.Watcher quick = feed.join().orElseThrow();
            for (int i = 0; i <= ActivityFeed.QUEUE; i++) {
                feed.accept(act(i));
                quick.next(0, TimeUnit.SECONDS);
            }

            assertThat(slow.cutOff()).isTrue();
            assertThat(quick.cutOff()).isFalse();
            assertThat(feed.size()).isEqualTo(1);
        }
    }

    @Test
    void moreWatchersThanTheLimitAreRefused() {
        try (ActivityFeed feed = new ActivityFeed()) {
            for (int i = 0; i < ActivityFeed.MAX_WATCHERS; i++) {
                assertThat(feed.join()).isPresent();
            }
            assertThat(feed.join()).isEmpty();
        }
    }

    @Test
    void promptTextNeverLeavesWithAnEvent() {
        Content prompt =
                new Content(
                        "full", 6, Hashes.sha256("secret"), Optional.of(Sensitive.of("secret")));
        Activity activity =
                Activity.of(
                        new Appended(
                                7,
                                new InferenceDenied(
                                        "req_1",
                                        Actor.system("test"),
                                        "chat",
                                        "demo",
                                        "inspect",
                                        "prompt_injection_detected",
                                        "x",
                                        "",
                                        GuardReport.skipped(0),
                                        Optional.of(prompt)),
                                WHEN));

        assertThat(activity.json()).contains(Hashes.sha256("secret").hex());
        assertThat(activity.json()).doesNotContain("\"secret\"");
    }
}
