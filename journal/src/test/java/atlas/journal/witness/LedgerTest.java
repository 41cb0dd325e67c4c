package atlas.journal.witness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir private Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void everyLedgerKeepsTheLastOfEachLog() throws Exception {
        for (Ledger ledger : List.of(new MemoryLedger(), FolderLedger.open(folder))) {
            assertThat(ledger.latest("log.example/a")).isEmpty();

            ledger.keep("log.example/a", bytes("first"));
            ledger.keep("log.example/b/../../x", bytes("other"));
            ledger.keep("log.example/a", bytes("second"));

            assertThat(ledger.latest("log.example/a")).contains(bytes("second"));
            assertThat(ledger.latest("log.example/b/../../x")).contains(bytes("other"));
        }
    }

    @Test
    void aFolderRemembersAndForgetsWhatWasHalfWritten() throws Exception {
        FolderLedger.open(folder).keep("log.example/a", bytes("kept"));
        Files.writeString(folder.resolve("tmp").resolve("1"), "half");

        FolderLedger again = FolderLedger.open(folder);

        assertThat(again.latest("log.example/a")).contains(bytes("kept"));
        again.keep("log.example/a", bytes("next"));
        assertThat(FolderLedger.open(folder).latest("log.example/a")).contains(bytes("next"));
    }

    @Test
    void evidenceIsBounded() throws Exception {
        FolderLedger ledger = FolderLedger.open(folder);
        for (int i = 0; i < 40; i++) {
            ledger.accuse("log.example/a", bytes("note " + i));
        }
        ledger.accuse("log.example/b", bytes("note"));

        assertThat(evidence()).hasSize(17);
    }

    private List<Path> evidence() throws IOException {
        try (var files = Files.list(folder.resolve("evidence"))) {
            return files.toList();
        }
    }
}
