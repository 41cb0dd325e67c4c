package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveResumeTest {
    private static final String EVENTS = "/api/v1/events";
    private static final Actor TEST = Actor.system("test");

    @TempDir Path folder;
    private Installation atlas;

    @BeforeEach
    void start() throws Exception {
        atlas = new Installation(folder.resolve("home"));
    }

    @AfterEach
    void stop() {
        atlas.close();
    }

    private long happens(int times, String what) {
        for (int i = 0; i < times - 1; i++) {
            var unused = atlas.trust.journal().submit(act(what));
        }
        return atlas.trust.journal().append(act(what)).index();
    }

    private static AdminAct act(String what) {
        return new AdminAct("req_1", TEST, "test.act", "thing:x", "done", "", what);
    }

    /** What a stream said, until entry {@code until} was among it. */
    private List<String> read(HttpResponse<InputStream> stream, long until) throws IOException {
        assertThat(stream.statusCode()).isEqualTo(200);
        List<String> lines = new ArrayList<>();
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            String line = in.readLine();
            while (line != null) {
                lines.add(line);
                if (line.startsWith("data: {\"index\":" + until + ",")) {
                    return lines;
                }
                line = in.readLine();
            }
        }
        throw new AssertionError("the stream ended before entry " + until + ": " + lines);
    }

    private static List<Long> ids(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("id: "))
                .map(line -> Long.parseLong(line.substring(4)))
                .toList();
    }

    private static List<Long> from(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void aStreamGoesOnAfterTheLastEntrySeenFromTheLog() throws Exception {
        long seen = happens(3, "before");
        long missed = happens(700, "while nobody watched");
        List<String> lines = read(atlas.open(Role.AUDITOR, EVENTS + "?after=" + seen), missed + 1);
        // The reading itself is the entry after those.
        assertThat(ids(lines)).isEqualTo(from(seen + 1, missed + 1));
        assertThat(lines).contains("event: journal.read");
    }

    @Test
    void theHeaderOfABrowserCountsMoreThanWhatTheAddressSays() throws Exception {
        long seen = happens(30, "x");
        var response =
                atlas.bare(
                        "GET",
                        EVENTS + "?after=0",
                        "authorization",
                        "Bearer " + atlas.key(Role.AUDITOR),
                        "last-event-id",
                        "none");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("last-event-id");
        HttpResponse<InputStream> stream =
                atlas.open(Role.AUDITOR, EVENTS + "?after=" + (seen - 1));
        assertThat(ids(read(stream, seen))).isEqualTo(List.of(seen));
    }

    @Test
    void aPlaceThatThisJournalNeverHadIsRefused() throws Exception {
        HttpResponse<String> response =
                atlas.send(Role.AUDITOR, "GET", EVENTS + "?after=1000000", null);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("there is no entry 1000000");
    }

    @Test
    void aReaderTooSlowForTheFeedMissesNothing() throws Exception {
        HttpResponse<InputStream> stream = atlas.open(Role.AUDITOR, EVENTS);
        // More than all buffers between us hold, so that the feed gives this watcher up.
        long last = happens(6000, "x".repeat(4000));
        List<Long> ids = ids(read(stream, last));
        assertThat(ids).isEqualTo(from(ids.getFirst(), last));
    }

    @Test
    void whoMayNotReadTheJournalGoesOnFromWhatIsRecentAndIsTold() throws Exception {
        long last = happens(10_500, "x");
        List<String> lines = read(atlas.open(Role.OPERATOR, EVENTS + "?after=0"), last);
        long first = ids(lines).getFirst();
        assertThat(first).isBetween(last - 10_001, last - 9_900);
        assertThat(lines)
                .containsSubsequence("event: gap", "data: {\"from\":1,\"until\":" + first + "}");
        assertThat(ids(lines)).isEqualTo(from(first, last));
        assertThat(ids(read(atlas.open(Role.AUDITOR, EVENTS + "?after=0"), last)))
                .isEqualTo(from(1, last));
    }

    @Test
    void onlyTheKindThatWasAskedForIsSent() throws Exception {
        happens(20, "x");
        HttpResponse<InputStream> stream =
                atlas.open(Role.AUDITOR, EVENTS + "?after=0&kind=admin.act");
        long last = happens(3, "y");
        List<String> lines = read(stream, last);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("event: "))
                .hasSizeGreaterThan(22)
                .containsOnly("event: admin.act");
        assertThat(ids(lines)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void theTextOfAPromptIsNotInWhatComesFromTheLog() throws Exception {
        long seen = happens(1, "x");
        Content prompt =
                new Content(
                        "full",
                        6,
                        Hashes.sha256("secret"),
                        Optional.of(Sensitive.of("the-secret-words")));
        long denied =
                atlas.trust
                        .journal()
                        .append(
                                new InferenceDenied(
                                        "req_2",
                                        TEST,
                                        "chat",
                                        "demo",
                                        "inspect",
                                        "prompt_injection_detected",
                                        "found",
                                        GuardReport.skipped(6),
                                        Optional.of(prompt)))
                        .index();
        List<String> lines = read(atlas.open(Role.AUDITOR, EVENTS + "?after=" + seen), denied);
        assertThat(lines).anyMatch(line -> line.contains("prompt_injection_detected"));
        assertThat(lines).noneMatch(line -> line.contains("the-secret-words"));
    }
}
