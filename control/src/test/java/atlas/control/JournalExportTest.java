package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.Role;
import atlas.export.Export;
import atlas.export.format.ExportContent;
import atlas.export.format.ExportFormat;
import atlas.export.send.Destination;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalExportTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir Path folder;

    private List<Export> exports(String... names) {
        List<Export> exports = new ArrayList<>();
        for (String name : names) {
            exports.add(
                    new Export(
                            name,
                            new Destination.ToFile(folder.resolve(name + ".jsonl")),
                            ExportFormat.JSONL,
                            ExportContent.METADATA));
        }
        return exports;
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("still not so: %s", what).isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static JsonNode status(Installation atlas) throws Exception {
        return atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/exporters", null).get("exporters");
    }

    private List<Long> delivered(String name) throws Exception {
        List<Long> indices = new ArrayList<>();
        Path file = folder.resolve(name + ".jsonl");
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
            indices.add(Installation.JSON.readTree(line).get("index").asLong());
        }
        return indices;
    }

    @Test
    void theWholeJournalIsDeliveredAndGoesOnBeingDelivered() throws Exception {
        try (Installation atlas = new Installation(folder.resolve("home"), exports("siem"))) {
            for (int i = 0; i < 1200; i++) {
                var unused =
                        atlas.trust
                                .journal()
                                .submit(
                                        new AdminAct(
                                                "",
                                                Actor.system("test"),
                                                "a.b",
                                                "x",
                                                "done",
                                                "",
                                                "n" + i));
            }
            long last =
                    atlas.trust
                            .journal()
                            .append(
                                    new AdminAct(
                                            "", Actor.system("test"), "a.b", "x", "done", "", ""))
                            .index();
            await("entry " + last + " in " + status(atlas), () -> delivered("siem").contains(last));
            JsonNode siem = status(atlas).get(0);
            assertThat(siem.get("name").asText()).isEqualTo("siem");
            assertThat(siem.get("state").asText()).isEqualTo("running");
            assertThat(siem.get("content").asText()).isEqualTo("metadata");
            assertThat(atlas.send(Role.AUDITOR, "GET", "/metrics", null).body())
                    .contains("atlas_journal_export_up{exporter=\"siem\"} 1.0")
                    .contains("atlas_journal_export_lag_entries{exporter=\"siem\"}");
        }
        List<Long> indices = delivered("siem");
        assertThat(indices)
                .isEqualTo(LongStream.range(0, indices.size()).boxed().toList())
                .hasSizeGreaterThan(1200);
    }

    @Test
    void whatHappenedWhileNoExporterRanIsDeliveredByTheNextThatDoes() throws Exception {
        Path home = folder.resolve("home");
        try (Installation atlas = new Installation(home, exports("siem"))) {
            await("something: " + status(atlas), () -> !delivered("siem").isEmpty());
        }
        try (Installation atlas = new Installation(home)) {
            atlas.json(Role.AUDITOR, "GET", "/api/v1/journal/entries?limit=1", null);
            assertThat(status(atlas)).isEmpty();
        }
        try (Installation atlas = new Installation(home, exports("siem", "archive"))) {
            await("no lag: " + status(atlas), () -> atLeast(atlas, 20));
            assertThat(delivered("archive")).startsWith(0L, 1L, 2L);
            JsonNode exports =
                    atlas.json(
                                    Role.AUDITOR,
                                    "GET",
                                    "/api/v1/journal/entries?kind=journal.exported&order=oldest",
                                    null)
                            .get("entries");
            List<Map.Entry<String, String>> acts = new ArrayList<>();
            for (JsonNode entry : exports) {
                JsonNode event = entry.get("event");
                acts.add(Map.entry(event.get("exporter").asText(), event.get("act").asText()));
            }
            assertThat(acts)
                    .startsWith(Map.entry("siem", "started"), Map.entry("siem", "stopped"))
                    .contains(Map.entry("archive", "started"));
        }
        List<Long> indices = delivered("siem");
        assertThat(indices).isEqualTo(LongStream.range(0, indices.size()).boxed().toList());
    }

    private boolean atLeast(Installation atlas, int entries) throws Exception {
        boolean all = true;
        for (JsonNode each : status(atlas)) {
            all &= each.get("next").asLong() >= entries;
        }
        return all;
    }

    @Test
    void onlyWhoMayVerifyTheJournalSeesWhereItGoes() throws Exception {
        try (Installation atlas = new Installation(folder.resolve("home"))) {
            for (Role role : List.of(Role.CONSUMER, Role.MODEL_ADMIN, Role.OPERATOR)) {
                assertThat(atlas.send(role, "GET", "/api/v1/journal/exporters", null).statusCode())
                        .isEqualTo(403);
            }
        }
    }
}
