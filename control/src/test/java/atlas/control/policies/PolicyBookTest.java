package atlas.control.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.control.trust.HomeDirectory;
import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.Sealer;
import atlas.policy.PolicyConfig;
import atlas.policy.PolicyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyBookTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir private Path folder;
    private final Log log = new Log();
    private HomeDirectory home;
    private Path file;
    private PolicyBook book;
    private int edits;

    @BeforeEach
    void open() {
        home = HomeDirectory.open(folder.resolve("home"));
        file = folder.resolve("policies.cedar");
        book = book();
    }

    @AfterEach
    void close() {
        home.close();
    }

    private PolicyBook book() {
        return new PolicyBook(home, new Plain(), log, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    /** Each edit is a moment later than the one before, as it is when people make them. */
    private void write(String text) throws Exception {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(NOW.plusSeconds(++edits)));
    }

    private void follow() {
        book.begin(new PolicyConfig(Optional.of(file), Map.of()));
    }

    private String inForce() {
        return book.policies().current().text();
    }

    private static String forbid(String id) {
        return "@id(\"" + id + "\") forbid (principal, action, resource);";
    }

    @Test
    void followsAFileAndRecordsWhatItReplaces() throws Exception {
        write(forbid("one"));
        follow();
        String first = book.policies().current().version();
        assertThat(inForce()).isEqualTo(forbid("one"));
        book.look();
        assertThat(log.acts).hasSize(1);
        write(forbid("two"));
        book.look();
        assertThat(inForce()).isEqualTo(forbid("two"));
        assertThat(log.acts.getLast().action()).isEqualTo("policy.write");
        assertThat(log.acts.getLast().outcome()).isEqualTo("allowed");
        assertThat(log.acts.getLast().before()).contains(first);
        assertThat(log.acts.getLast().after()).contains(book.policies().current().version());
    }

    @Test
    void aBrokenFileChangesNothingAndIsRecordedOnce() throws Exception {
        write(forbid("one"));
        follow();
        write("forbid (principal, action, resource)");
        book.look();
        book.look();
        assertThat(inForce()).isEqualTo(forbid("one"));
        assertThat(log.acts.stream().filter(act -> act.outcome().equals("refused"))).hasSize(1);
        assertThat(book.status().refused().orElseThrow().problems().getFirst().line()).isEqualTo(1);
        write(forbid("three"));
        book.look();
        assertThat(inForce()).isEqualTo(forbid("three"));
        assertThat(book.status().refused()).isEmpty();
    }

    @Test
    void aFileThatGoesAwayOrIsNoTextChangesNothing() throws Exception {
        write(forbid("one"));
        follow();
        Files.delete(file);
        book.look();
        assertThat(inForce()).isEqualTo(forbid("one"));
        assertThat(book.status().refused()).isPresent();
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
        book.look();
        assertThat(inForce()).isEqualTo(forbid("one"));
        write(forbid("back"));
        book.look();
        assertThat(inForce()).isEqualTo(forbid("back"));
    }

    @Test
    void whatCannotBeRecordedDoesNotComeIntoForceYet() throws Exception {
        write(forbid("one"));
        follow();
        write(forbid("two"));
        log.down = true;
        assertThatThrownBy(book::look).isInstanceOf(AuditUnavailableException.class);
        assertThat(inForce()).isEqualTo(forbid("one"));
        log.down = false;
        book.look();
        assertThat(inForce()).isEqualTo(forbid("two"));
    }

    @Test
    void aBeginningWithABrokenOrMissingFileIsNoBeginning() throws Exception {
        assertThatThrownBy(this::follow)
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("cannot be read");
        write("permit (principal, action, resource);");
        assertThatThrownBy(this::follow)
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("1:1: ");
    }

    @Test
    void aFollowedLinkCountsWhenItLeadsElsewhere() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), forbid("one"));
        Path two = Files.writeString(folder.resolve("two"), forbid("two"));
        FileTime same = FileTime.from(NOW);
        Files.setLastModifiedTime(one, same);
        Files.setLastModifiedTime(two, same);
        Files.createSymbolicLink(file, one);
        follow();
        Files.delete(file);
        Files.createSymbolicLink(file, two);
        book.look();
        assertThat(inForce()).isEqualTo(forbid("two"));
    }

    /** What was recorded; can be down. */
    private static final class Log implements AuditLog {
        private final List<AdminAct> acts = new ArrayList<>();
        private boolean down;

        @Override
        public CompletableFuture<Receipt> submit(AuditEvent event) {
            if (down) {
                return CompletableFuture.failedFuture(
                        new AuditUnavailableException("the disk is full", null));
            }
            acts.add((AdminAct) event);
            return CompletableFuture.completedFuture(
                    new Receipt(acts.size() - 1L, Hashes.sha256(event.toString())));
        }
    }

    /** Seals nothing: what is sealed is another test's concern. */
    private static final class Plain implements Sealer {
        @Override
        public byte[] seal(byte[] plaintext, byte[] associatedData) {
            return plaintext.clone();
        }

        @Override
        public byte[] open(byte[] sealed, byte[] associatedData) {
            return sealed.clone();
        }
    }
}
