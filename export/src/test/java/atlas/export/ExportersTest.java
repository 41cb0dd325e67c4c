package atlas.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.AlertRaised;
import atlas.core.AuditEvent.JournalExported;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.export.format.ExportContent;
import atlas.export.format.ExportFormat;
import atlas.export.send.Destination;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-03-04T05:06:07Z"), ZoneOffset.UTC);

    /** Binds what is sealed to its place, and hides nothing: here that is enough. */
    private static final Sealer BINDING =
            new Sealer() {
                @Override
                public byte[] seal(byte[] plain, byte[] bound) {
                    byte[] sealed = Arrays.copyOf(bound, bound.length + plain.length);
                    System.arraycopy(plain, 0, sealed, bound.length, plain.length);
                    return sealed;
                }

                @Override
                public byte[] open(byte[] sealed, byte[] bound) {
                    if (!Arrays.equals(
                            sealed,
                            0,
                            Math.min(bound.length, sealed.length),
                            bound,
                            0,
                            bound.length)) {
                        throw new SealBrokenException("bound to something else", null);
                    }
                    return Arrays.copyOfRange(sealed, bound.length, sealed.length);
                }
            };

    @TempDir Path folder;
    private final Log log = new Log();
    private Path out;

    @BeforeEach
    void begin() {
        out = folder.resolve("out.jsonl");
    }

    private static Export to(String name, Path file) {
        return new Export(
                name, new Destination.ToFile(file), ExportFormat.JSONL, ExportContent.METADATA);
    }

    private Exporters start(Export... exports) {
        Exporters.Parts parts =
                new Exporters.Parts(
                        log, new SealedCursors(folder, BINDING, log.origin()), log, CLOCK);
        return Exporters.start(
                List.of(exports), parts, Duration.ofMillis(5), Duration.ofMillis(20));
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not so: %s", what).isLessThan(end);
            LockSupport.parkNanos(2_000_000);
        }
    }

    private static List<Long> indices(Path file) {
        try {
            List<Long> indices = new ArrayList<>();
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    indices.add(JSON.readTree(line).path("index").asLong());
                }
            }
            return indices;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitLag(Exporters exporters) {
        await("no lag " + exporters.status(), () -> exporters.status().getFirst().lag() == 0);
    }

    private void requireEveryEntryInOrder(Path file) {
        List<Long> indices = indices(file);
        assertThat(indices).isNotEmpty();
        assertThat(new TreeSet<>(indices)).hasSize((int) (indices.getLast() + 1));
        assertThat(indices.getFirst()).isZero();
        for (int i = 1; i < indices.size(); i++) {
            assertThat(indices.get(i)).isLessThanOrEqualTo(indices.get(i - 1) + 1);
        }
    }

    @Test
    void everythingThereIsAndEverythingThatComesIsDelivered() {
        log.add(1700);
        try (Exporters exporters = start(to("siem", out))) {
            awaitLag(exporters);
            log.add(3);
            exporters.wake();
            await("the new ones", () -> exporters.status().getFirst().next() >= 1704);
            awaitLag(exporters);
        }
        requireEveryEntryInOrder(out);
        assertThat(indices(out)).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(1704);
    }

    @Test
    void whatItIsToldToTakeIsAllThatLeavesAndIsSaid() {
        Export alerts =
                new Export(
                        "pager",
                        new Destination.ToFile(out),
                        ExportFormat.JSONL,
                        ExportContent.METADATA,
                        Set.of("alert.raised"));
        log.add(7);
        log.submit(new AlertRaised("alr_1", "r", "high", "eve", "why", List.of(1L)));
        log.add(1200);
        log.submit(new AlertRaised("alr_2", "r", "high", "eve", "why", List.of(2L)));
        try (Exporters exporters = start(alerts)) {
            awaitLag(exporters);
        }
        assertThat(indices(out)).containsExactly(7L, 1208L);
        assertThat(log.exports())
                .isNotEmpty()
                .allSatisfy(e -> assertThat(e.content()).isEqualTo("metadata of alert.raised"));
    }

    @Test
    void aStartGoesOnWhereTheLastOneStopped() {
        log.add(20);
        try (Exporters exporters = start(to("siem", out))) {
            awaitLag(exporters);
        }
        long sent = indices(out).size();
        log.add(20);
        try (Exporters exporters = start(to("siem", out))) {
            awaitLag(exporters);
        }
        requireEveryEntryInOrder(out);
        assertThat(indices(out)).doesNotHaveDuplicates().hasSizeGreaterThan((int) sent + 20);
    }

    @Test
    void whileAReceiverIsDownNothingIsLostAndTheLagIsSeen() throws IOException {
        Path missing = folder.resolve("later").resolve("out.jsonl");
        log.add(5);
        try (Exporters exporters = start(to("siem", missing))) {
            await(
                    "the failure",
                    () -> exporters.status().getFirst().state() == ExportStatus.State.RETRYING);
            log.add(2000);
            exporters.wake();
            ExportStatus status = exporters.status().getFirst();
            assertThat(status.lag()).isGreaterThanOrEqualTo(2005);
            assertThat(status.failure()).isNotEmpty();
            Files.createDirectories(folder.resolve("later"));
            await("no lag", () -> exporters.status().getFirst().lag() == 0);
            assertThat(exporters.status().getFirst().state()).isEqualTo(ExportStatus.State.RUNNING);
        }
        requireEveryEntryInOrder(missing);
    }

    @Test
    void oneReceiverThatIsDownHoldsUpNoOther() {
        log.add(50);
        Path missing = folder.resolve("later").resolve("out.jsonl");
        try (Exporters exporters = start(to("broken", missing), to("siem", out))) {
            await("the other one", () -> indices(out).size() >= 50);
            assertThat(exporters.status().getFirst().next()).isZero();
        }
    }

    @Test
    void entriesThatCannotBeReadNowAreReadLaterAndNotPassedOver() {
        log.add(10);
        log.unreadable(true);
        try (Exporters exporters = start(to("siem", out))) {
            await(
                    "the failure",
                    () -> exporters.status().getFirst().state() == ExportStatus.State.RETRYING);
            log.unreadable(false);
            awaitLag(exporters);
        }
        requireEveryEntryInOrder(out);
    }

    @Test
    void nothingLeavesBeforeTheJournalHasIt() {
        log.add(10);
        log.full(true);
        try (Exporters exporters = start(to("siem", out))) {
            await(
                    "the failure",
                    () -> exporters.status().getFirst().state() == ExportStatus.State.RETRYING);
            assertThat(out).doesNotExist();
            log.full(false);
            awaitLag(exporters);
        }
        requireEveryEntryInOrder(out);
    }

    @Test
    void whatLeftIsInTheJournalAndThatIsNoReasonToWriteMore() {
        log.add(12_000);
        try (Exporters exporters = start(to("siem", out))) {
            awaitLag(exporters);
        }
        List<JournalExported> exports = log.exports();
        assertThat(exports)
                .extracting(JournalExported::act)
                .startsWith("started")
                .endsWith("stopped")
                .contains("delivered");
        assertThat(exports).hasSizeLessThan(8);
        long until = 0;
        for (JournalExported export : exports) {
            assertThat(export.from()).isEqualTo(until);
            until = export.until();
            assertThat(export.destination()).isEqualTo("file:" + out);
            assertThat(export.content()).isEqualTo("metadata");
        }
        assertThat(until).isGreaterThanOrEqualTo(12_001);
    }

    @Test
    void whatRetentionRemovedBeforeItWasDeliveredIsSaid() {
        log.add(30);
        new SealedCursors(folder, BINDING, log.origin()).save("siem", 7);
        log.removeBefore(20);
        try (Exporters exporters = start(to("siem", out))) {
            awaitLag(exporters);
        }
        assertThat(indices(out)).startsWith(20L, 21L);
        assertThat(log.exports())
                .anySatisfy(export -> {
                    assertThat(export.act()).isEqualTo("removed");
                    assertThat(export.from()).isEqualTo(7);
                    assertThat(export.until()).isEqualTo(20);
                });
    }

    @Test
    void anOlderLogPutBackIsRefused() {
        log.add(10);
        new SealedCursors(folder, BINDING, log.origin()).save("siem", 11);
        try (Exporters exporters = start(to("siem", out))) {
            await(
                    "the refusal",
                    () -> exporters.status().getFirst().state() == ExportStatus.State.REFUSED);
            assertThat(exporters.status().getFirst().failure()).contains("older log");
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void aCursorOfAnotherExporterOrLogIsRefused() throws IOException {
        log.add(10);
        new SealedCursors(folder, BINDING, log.origin()).save("other", 7);
        Files.move(folder.resolve("other.cursor"), folder.resolve("siem.cursor"));
        try (Exporters exporters = start(to("siem", out))) {
            await(
                    "the refusal",
                    () -> exporters.status().getFirst().state() == ExportStatus.State.REFUSED);
            assertThat(exporters.status().getFirst().failure()).contains("siem.cursor");
            assertThat(out).doesNotExist();
        }
        assertThatThrownBy(() -> new SealedCursors(folder, BINDING, "x").load("siem"))
                .isInstanceOf(ExportException.class);
    }

    @Test
    void aBatchThatArrivedThoughNobodyKnewIsSentAgain() {
        log.add(10);
        try (Exporters exporters = start(to("siem", out))) {
            awaitLag(exporters);
        }
        // As after a crash between the delivery and the cursor.
        new SealedCursors(folder, BINDING, log.origin()).save("siem", 4);
        try (Exporters exporters = start(to("siem", out))) {
            awaitLag(exporters);
        }
        requireEveryEntryInOrder(out);
        assertThat(indices(out)).containsOnlyOnce(3L).contains(4L);
    }

    @Test
    void twoOfOneNameAreRefused() {
        assertThatThrownBy(() -> start(to("siem", out), to("siem", out)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
