package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.tlog.TreeHasher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GapsTest {
    private static final Instant WHEN = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir private Path home;
    private final Gaps gaps = new Gaps();
    private long index;

    private static byte[] emitter(int number) {
        byte[] emitter = new byte[Envelope.ID_BYTES];
        emitter[0] = (byte) number;
        return emitter;
    }

    private static byte[] entry(int emitter, long sequence) {
        byte[] nothing = MemorySealer.fixed().seal(new byte[] {'{', '}'}, new byte[0]);
        return new Envelope(
                        new byte[Envelope.ID_BYTES],
                        emitter(emitter),
                        sequence,
                        new byte[TreeHasher.HASH],
                        WHEN,
                        "2026-11/1.0123456789ab",
                        Envelope.NO_COMMITMENT,
                        nothing.length,
                        nothing,
                        false)
                .encode();
    }

    private void saw(int emitter, long... sequences) {
        for (long sequence : sequences) {
            gaps.saw(index++, entry(emitter, sequence));
        }
    }

    @Test
    void emittersThatTakeTurnsHaveNoGap() {
        saw(1, 0, 1);
        saw(2, 0);
        saw(1, 2);
        saw(2, 1, 2, 3);
        saw(1, 3);

        assertThat(gaps.found()).isEmpty();
    }

    @Test
    void whatIsLeftOutDoubledOrGoesBackIsNamed() {
        saw(1, 0, 1);
        saw(2, 0, 1, 2, 2);
        saw(1, 4, 5);
        saw(2, 0);

        String one = HexFormat.of().formatHex(emitter(1));
        String two = HexFormat.of().formatHex(emitter(2));
        assertThat(gaps.found())
                .containsExactly(
                        new EmitterGap(5, two, 3, 2),
                        new EmitterGap(6, one, 2, 4),
                        new EmitterGap(8, two, 3, 0));
        assertThat(gaps.count()).isEqualTo(3);
    }

    @Test
    void whereAnEmitterStoodBeforeIsLearnedFromItsNextEntry() {
        saw(1, 17, 18);

        assertThat(gaps.found()).isEmpty();
    }

    @Test
    void whoAsksLateIsToldOfWhatWasFoundAndThenOfWhatComes() throws InterruptedException {
        BlockingQueue<EmitterGap> told = new LinkedBlockingQueue<>();
        saw(1, 0, 2);
        gaps.onGap(told::add);
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(gaps.found().getFirst());
        saw(1, 5);
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(gaps.found().getLast());
    }

    @Test
    void aJournalTellsOfAGapAsItBringsTheEntryIn() throws Exception {
        List<byte[]> entries = new ArrayList<>();
        for (long sequence : new long[] {0, 1, 3}) {
            entries.add(entry(1, sequence));
        }
        Bundles.begin(home, Journals.keys(home), entries);
        Files.createDirectories(home.resolve("journal.keys"));

        try (Journal journal = Journals.open(home, Clock.systemUTC())) {
            BlockingQueue<EmitterGap> told = new LinkedBlockingQueue<>();
            journal.onGap(told::add);

            assertThat(told.poll(60, TimeUnit.SECONDS).text())
                    .contains("number 3 in place of 2 at entry 2");
            assertThat(journal.health().gaps()).isEqualTo(1);
            assertThat(journal.gaps()).hasSize(1);
            Journals.fill(journal, 3); // goes on where the last entry left its emitter
            journal.checkpointNow();
            assertThat(journal.gaps()).hasSize(1);
        }
    }
}
