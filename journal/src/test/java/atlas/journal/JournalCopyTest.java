package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy made while the journal is written is a journal of its own, closed in order. */
class JournalCopyTest {
    @TempDir Path temp;

    private Path home() {
        return temp.resolve("home");
    }

    /** Puts a copy into a home of its own, with the same keys. */
    private Path put(JournalCopy copy, String name) throws IOException {
        Path to = temp.resolve(name);
        Files.createDirectories(to);
        Files.copy(home().resolve("journal.key"), to.resolve("journal.key"));
        copy.writeTo((path, bytes, content) -> {
            Path file = to.resolve(path);
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            assertThat(Files.copy(content, file)).as(path).isEqualTo(bytes);
        });
        return to;
    }

    private static void holds(Path copy, long size) {
        assertThat(
                        JournalVerifier.verify(
                                copy.resolve("journal"),
                                Optional.of(Journals.keys(copy).vkey()),
                                1))
                .isInstanceOfSatisfying(
                        Verification.Holds.class,
                        holds -> {
                            assertThat(holds.size()).isEqualTo(size);
                            assertThat(holds.notes()).isEmpty();
                        });
    }

    private static void goesOn(Path copy, long size) {
        try (Journal journal = Journals.open(copy, Clock.systemUTC())) {
            assertThat(journal.size()).isEqualTo(size);
            if (size > 0) {
                assertThat(journal.entry(0).orElseThrow().kind()).isEqualTo("admin.act");
                assertThat(journal.entry(size - 1).orElseThrow().kind()).isEqualTo("admin.act");
            }
            Journals.fill(journal, 3);
        }
        holds(copy, size + 3);
    }

    @Test
    void aCopyAtAnySizeHoldsAndGoesOn() throws IOException {
        Files.createDirectories(home());
        try (Journal journal = Journals.open(home(), Clock.systemUTC())) {
            int size = 0;
            for (int step : List.of(0, 1, 254, 1, 1, 260)) {
                Journals.fill(journal, step);
                size += step;
                Path copy = put(journal.copy(), "copy-" + size + "-" + step);
                holds(copy, size);
                goesOn(copy, size);
            }
        }
    }

    @Test
    void aCopyTakenUnderLoadHolds() throws Exception {
        Files.createDirectories(home());
        try (Journal journal = Journals.open(home(), Clock.systemUTC())) {
            Journals.fill(journal, 5);
            AtomicBoolean enough = new AtomicBoolean();
            Thread writer =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (!enough.get()) {
                                    Journals.fill(journal, 40);
                                    journal.checkpointNow();
                                }
                            });
            for (int round = 0; round < 12; round++) {
                long before = journal.size();
                JournalCopy taken = journal.copy();
                Path copy = put(taken, "copy-" + round);
                assertThat(taken.checkpoint().size()).isGreaterThanOrEqualTo(before);
                holds(copy, taken.checkpoint().size());
                if (round % 4 == 0) {
                    goesOn(copy, taken.checkpoint().size());
                }
            }
            enough.set(true);
            writer.join();
        }
    }

    @Test
    void whatItSignsIsOfAnotherKindThanWhatALogSigns() throws Exception {
        Files.createDirectories(home());
        try (Journal journal = Journals.open(home(), Clock.systemUTC())) {
            JournalCopy copy = journal.copy();
            SignedNote note =
                    SignedNote.parse(
                            copy.sign("atlas-backup/v1", List.of("a", "b"))
                                    .getBytes(StandardCharsets.UTF_8));
            note.verify(List.of(NoteVerifierKey.parse(copy.vkey())));
            assertThat(note.text()).isEqualTo("atlas-backup/v1\n" + Journals.ORIGIN + "\na\nb\n");
            for (String kind :
                    List.of(Journals.ORIGIN, "atlas-receipt/v1", "atlas-x/v1\n3", "x", "")) {
                assertThatThrownBy(() -> copy.sign(kind, List.of("a")))
                        .as(kind)
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> copy.sign("atlas-backup/v1", List.of("a\nb")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
