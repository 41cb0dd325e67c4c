package atlas.registry.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OmsGoldensTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "deep_model_folder", "deep_model_folder_shard",
                "sample_model_folder", "sample_model_folder_shard",
                "sample_model_file", "sample_model_file_shard",
                "symlink_model_folder", "symlink_model_folder_shard",
                "empty_model_file", "model_folder_with_empty_file"
            })
    void reproducesTheRootAndEveryDigestOfTheReference(String name) throws Exception {
        OmsStatement statement = OmsStatement.parse(withoutLinks(name));

        assertThat(statement.files()).isNotEmpty();
        OmsManifest manifest =
                new OmsManifest(
                        statement, new OmsManifest.By("golden", java.util.Optional.empty()));
        for (String file : manifest.files()) {
            FileCheck check = manifest.check(file);
            check.update(ByteBuffer.wrap(content(name, file).getBytes(StandardCharsets.UTF_8)));
            assertThat(check.finish()).as(file).isEmpty();

            FileCheck longer = manifest.check(file);
            longer.update(
                    ByteBuffer.wrap((content(name, file) + "!").getBytes(StandardCharsets.UTF_8)));
            assertThat(longer.finish()).as(file).isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "empty_model_folder", "empty_model_folder_shard",
                "empty_model_file_shard", "model_folder_with_empty_file_shard"
            })
    void refusesTheOldManifestsThatNameNothing(String name) {
        assertThatThrownBy(() -> OmsStatement.parse(withoutLinks(name)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("names no files");
    }

    private static String content(String golden, String file) {
        if (golden.startsWith("empty") || golden.contains("with_empty")) {
            return "";
        }
        if (golden.startsWith("sample_model_file") || golden.startsWith("symlink")) {
            return "This is a simple model";
        }
        String last = file.substring(file.lastIndexOf('/') + 1);
        if (golden.startsWith("deep")) {
            return "This is file " + last + ".";
        }
        Map<Boolean, String> where = Map.of(true, "root", false, file.split("/")[0]);
        return "This is file " + last + " in " + where.get(file.equals(last)) + ".";
    }

    // The goldens allow links, which is refused here; everything else is as the reference wrote it.
    private static byte[] withoutLinks(String name) throws IOException {
        String path = "/registry/oms-goldens/" + name + ".statement.json";
        try (InputStream in = OmsGoldensTest.class.getResourceAsStream(path)) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("\"allow_symlinks\": true", "\"allow_symlinks\": false")
                    .getBytes(StandardCharsets.UTF_8);
        }
    }
}
