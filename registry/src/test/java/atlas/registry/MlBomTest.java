package atlas.registry;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.registry.ModelVersion.State;
import atlas.registry.json.StrictJson;
import atlas.registry.scan.ByteSource;
import atlas.registry.scan.ModelScanner;
import atlas.registry.scan.ScanReport.FileReport;
import atlas.registry.scan.ScanReport.Verdict;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MlBomTest {
    private static final String HEX = "ab".repeat(32);
    private static final String LINEAGE =
            "{\"base_models\":[{\"name\":\"org/base\",\"sha256\":\"%s\"}],"
                    + "\"datasets\":[{\"name\":\"corpus\",\"sha256\":\"%s\"},"
                    + "{\"name\":\"more of it\",\"sha256\":\"%s\"}]}";

    private static FileReport scan(String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return ModelScanner.scan(
                "atlas-lineage.json",
                new ByteSource() {
                    @Override
                    public long length() {
                        return bytes.length;
                    }

                    @Override
                    public void read(long position, ByteBuffer target) {
                        target.put(bytes, (int) position, target.remaining());
                    }
                });
    }

    private static ModelVersion version(State state) throws IOException {
        Map<String, String> card = new TreeMap<>(scan(LINEAGE.formatted(HEX, HEX, HEX)).about());
        card.put("general.architecture", "llama");
        card.put("general.license", "apache-2.0");
        return new ModelVersion(
                ModelRef.parse("demo@3"),
                Digest.parse(HEX),
                "signer",
                state,
                "paula",
                Instant.parse("2026-11-01T00:00:00Z"),
                Optional.of("aron"),
                List.of(new FileRecord("m.gguf", 5, Digest.parse("cd".repeat(32)))),
                card);
    }

    @Test
    void namesTheModelItsFilesAndWhatItWasMadeOf() throws Exception {
        JsonNode bom = StrictJson.parse(MlBom.of(version(State.DEPLOYED)));
        JsonNode model = bom.at("/metadata/component");

        assertThat(bom.get("specVersion").textValue()).isEqualTo("1.6");
        assertThat(bom.get("serialNumber").textValue())
                .matches("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-.{12}");
        assertThat(model.get("type").textValue()).isEqualTo("machine-learning-model");
        assertThat(model.at("/components/0/hashes/0/content").textValue())
                .isEqualTo("cd".repeat(32));
        assertThat(model.at("/pedigree/ancestors/0/name").textValue()).isEqualTo("org/base");
        assertThat(model.at("/licenses/0/license/name").textValue()).isEqualTo("apache-2.0");
        assertThat(model.at("/modelCard/modelParameters/architectureFamily").textValue())
                .isEqualTo("llama");
        assertThat(bom.at("/components/1/name").textValue()).isEqualTo("more of it");
        assertThat(model.get("properties").toString()).contains("aron").contains(HEX);
    }

    @Test
    void refersOnlyToWhatItHolds() throws Exception {
        JsonNode bom = StrictJson.parse(MlBom.of(version(State.DEPLOYED)));
        Set<String> held = new HashSet<>();
        for (JsonNode ref : bom.findValues("bom-ref")) {
            assertThat(held.add(ref.textValue())).as(ref.textValue()).isTrue();
        }
        for (JsonNode ref : bom.at("/dependencies/0/dependsOn")) {
            assertThat(held).contains(ref.textValue());
        }
        for (JsonNode ref : bom.at("/metadata/component/modelCard/modelParameters/datasets")) {
            assertThat(held).contains(ref.get("ref").textValue());
        }
    }

    @Test
    void isTheSameForTheSameVersion() throws Exception {
        assertThat(MlBom.of(version(State.APPROVED))).isEqualTo(MlBom.of(version(State.APPROVED)));
        assertThat(MlBom.of(version(State.APPROVED)))
                .isNotEqualTo(MlBom.of(version(State.RETIRED)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"base\":[]}",
                "{\"datasets\":{}}",
                "{\"datasets\":[{\"name\":\"x\"}]}",
                "{\"datasets\":[{\"name\":\"x\",\"sha256\":\"AB\"}]}",
                "{\"datasets\":[{\"name\":\" \",\"sha256\":\"$\"}]}",
                "{\"datasets\":[{\"name\":\"x\",\"sha256\":\"$\",\"url\":\"y\"}]}",
                "{\"datasets\":[[\"x\",\"$\"]]}"
            })
    void refusesLineageThatSaysAnythingElse(String json) throws IOException {
        assertThat(scan(json.replace("$", HEX)).verdict()).isEqualTo(Verdict.REFUSE);
        assertThat(scan(LINEAGE.formatted(HEX, HEX, HEX)).verdict()).isEqualTo(Verdict.ALLOW);
    }
}
