package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.journal.store.Disk;
import atlas.journal.store.KeptCheckpoints;
import atlas.journal.store.TileStore;
import atlas.tlog.CheckpointSeries;
import atlas.tlog.CheckpointSeries.Kept;
import atlas.tlog.CheckpointText;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.Proofs;
import atlas.tlog.TreeReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptCheckpointsTest {
    private static final KeptCheckpoints.Spacing ALL =
            new KeptCheckpoints.Spacing(1, Duration.ofHours(1));

    @TempDir Path home;

    private Journal open(KeptCheckpoints.Spacing spacing) {
        return Journal.open(
                Journals.config(home),
                Journals.keys(home),
                Clock.systemUTC(),
                new Opened.Tuning(disk -> disk, Journals.SEGMENT, spacing));
    }

    private Path log() {
        return home.resolve("journal");
    }

    private List<Kept> series() throws Exception {
        NoteVerifierKey key = NoteVerifierKey.parse(Journals.keys(home).vkey());
        List<Kept> kept = new ArrayList<>();
        for (int file = 0; Files.exists(log().resolve("checkpoints/00" + file)); file++) {
            byte[] bytes = Files.readAllBytes(log().resolve("checkpoints/00" + file));
            kept.addAll(CheckpointSeries.verified(bytes, key).kept());
        }
        return kept;
    }

    private void publish(Journal journal, int times) {
        for (int i = 0; i < times; i++) {
            Journals.fill(journal, 5);
            journal.checkpointNow();
        }
    }

    private Verification verify() {
        return JournalVerifier.verify(log(), Optional.of(Journals.keys(home).vkey()));
    }

    @Test
    void anyTwoKeptCheckpointsAreProvedConsistent() throws Exception {
        try (Journal journal = open(ALL)) {
            publish(journal, 70);
        }
        List<Kept> kept = series();
        assertThat(kept).hasSize(71);
        assertThat(kept.getLast().size()).isEqualTo(350);
        TileStore store = new TileStore(Disk.real(home), log());
        TreeReader<IOException> reader =
                new TreeReader<>((level, index) -> store.node(level, index, 350));
        for (Kept first : kept.subList(1, kept.size())) {
            for (Kept second : kept) {
                if (first.size() < second.size()) {
                    assertThat(
                                    Proofs.consistent(
                                            first.size(),
                                            second.size(),
                                            reader.consistency(first.size(), second.size()),
                                            first.root(),
                                            second.root()))
                            .as(first.size() + " and " + second.size())
                            .isTrue();
                }
            }
        }
        assertThat(verify()).isInstanceOf(Verification.Holds.class);
    }

    @Test
    void eachIsTheSignedCheckpointItWas() throws Exception {
        try (Journal journal = open(ALL)) {
            publish(journal, 2);
            String published = journal.checkpoint().note();
            Kept last = series().getLast();
            assertThat(last.note(Journals.ORIGIN)).isEqualTo(published);
            NoteVerifierKey key = NoteVerifierKey.parse(Journals.keys(home).vkey());
            byte[] note = last.note(Journals.ORIGIN).getBytes(StandardCharsets.UTF_8);
            assertThat(CheckpointText.verified(note, key).size()).isEqualTo(10);
        }
    }

    @Test
    void thinsThoseThatComeCloseTogetherButKeepsTheFirstAndTheLast() throws Exception {
        KeptCheckpoints.Spacing wide = new KeptCheckpoints.Spacing(100, Duration.ofHours(1));
        for (int start = 0; start < 2; start++) {
            try (Journal journal = open(wide)) {
                publish(journal, 30);
            }
        }
        assertThat(series())
                .extracting(Kept::size)
                .containsExactly(0L, 100L, 150L, 155L, 255L, 300L);
        assertThat(verify()).isInstanceOf(Verification.Holds.class);
    }

    @Test
    void refusesToStartOnASeriesThatWasPutBack() throws Exception {
        try (Journal journal = open(ALL)) {
            publish(journal, 3);
        }
        Path file = log().resolve("checkpoints/000");
        byte[] older = Files.readAllBytes(file);
        try (Journal journal = open(ALL)) {
            publish(journal, 3);
        }
        byte[] newer = Files.readAllBytes(file);
        Files.write(file, older);
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Verification.Broken.class,
                        broken -> assertThat(broken.where()).isEqualTo("checkpoints/000"));
        assertThatThrownBy(() -> open(ALL))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("do not reach the published one");

        Files.delete(file);
        assertThatThrownBy(() -> open(ALL)).isInstanceOf(JournalException.class);
        newer[newer.length - 20] ^= 1;
        Files.write(file, newer);
        assertThatThrownBy(() -> open(ALL))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("not those this log signed");
    }
}
