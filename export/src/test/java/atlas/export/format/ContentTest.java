package atlas.export.format;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.json.AuditJson;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class ContentTest {

    @Test
    void metadataIsEveryFieldOfEveryFactButTheTextOfPromptsAndAnswers() {
        for (ExportEntry entry : EveryFact.entries("x")) {
            ObjectNode whole = Fact.read(entry.json());
            withoutText(whole);
            assertThat(Fact.read(ExportContent.METADATA.of(entry.json())))
                    .as("%s; a new field is named in Carried, or stays inside", entry.kind())
                    .isEqualTo(whole);
        }
    }

    private static void withoutText(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove("text");
        }
        node.forEach(ContentTest::withoutText);
    }

    @Test
    void noFormatLetsAWordOfAPersonOutAsMetadata() {
        int withContent = 0;
        for (ExportEntry entry : EveryFact.entries("x")) {
            withContent += entry.json().contains(EveryFact.SECRET) ? 1 : 0;
            for (ExportFormat format : ExportFormat.values()) {
                byte[] line = format.line(entry, ExportContent.METADATA).text();
                assertThat(new String(line, java.nio.charset.StandardCharsets.UTF_8))
                        .as("%s as %s", entry.kind(), format)
                        .doesNotContain(EveryFact.SECRET);
            }
        }
        assertThat(withContent).as("facts that hold somebody's words").isEqualTo(4);
    }

    @Test
    void aFieldNobodyNamedStaysInside() {
        String json =
                "{\"kind\":\"x\",\"transcript\":\"secret\",\"actor\":{\"principal\":\"p\",\"voice\":"
                    + "[{\"kind\":\"secret\"}]},\"findings\":[{\"type\":\"t\",\"quote\":\"secret\"}],"
                    + "\"count_by_reason\":{\"anything\":1,\"secret\":\"secret\",\"o\":{\"kind\":1}}}";
        assertThat(ExportContent.METADATA.of(json))
                .isEqualTo(
                        "{\"kind\":\"x\",\"actor\":{\"principal\":\"p\"},\"findings\":[{\"type\":\"t\"}],"
                            + "\"count_by_reason\":{\"anything\":1}}");
    }

    @Test
    void wordsThatSomebodyLookedForStayInside() {
        String json =
                "{\"kind\":\"journal.read\",\"query\":\"text=of%20a%20prompt&limit=5&purpose=audit\"}";
        assertThat(ExportContent.METADATA.of(json))
                .isEqualTo(
                        "{\"kind\":\"journal.read\",\"query\":\"text=[sealed]&limit=5&purpose=audit\"}");
    }

    @Test
    void fullIsTheFactAsItIs() {
        ExportEntry entry = EveryFact.entries("x").getFirst();
        assertThat(ExportContent.FULL.of(entry.json())).isEqualTo(entry.json());
    }

    @Test
    void everyKindIsListed() {
        assertThat(EveryFact.entries("x").stream().map(ExportEntry::kind))
                .containsExactlyInAnyOrderElementsOf(AuditJson.KINDS);
    }
}
