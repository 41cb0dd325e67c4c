package atlas.registry.oms;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OmsVectorsTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-01T00:00:00Z"), ZoneOffset.UTC);

    static Stream<Path> cases() throws IOException, URISyntaxException {
        URL url = OmsVectorsTest.class.getResource("/registry/oms");
        assertThat(url).isNotNull();
        try (Stream<Path> folders = Files.list(Path.of(url.toURI()))) {
            List<Path> all = folders.sorted().toList();
            assertThat(all).hasSizeGreaterThan(30);
            return all.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decidesAsTheCaseIsLabelled(Path folder) throws Exception {
        JsonNode label = StrictJson.parse(Files.readAllBytes(folder.resolve("case.json")));
        byte[] bundle = Files.readAllBytes(folder.resolve("model.sig"));
        Path model = folder.resolve("model");
        if (folder.endsWith("sem-single-file-dot")) {
            model = model.resolve("config.json");
        } else if (folder.endsWith("upstream-v0.3.1-elliptic-key")) {
            model = model.resolve("signme-1");
        }

        OmsVerification outcome = OmsVerifier.verify(model, bundle, policy(folder));

        if (label.get("expect").textValue().equals("accept")) {
            assertThat(outcome).isInstanceOf(OmsVerification.Verified.class);
        } else {
            assertThat(outcome).isInstanceOf(OmsVerification.NotVerified.class);
        }
    }

    private static TrustPolicy policy(Path folder) throws Exception {
        Path key = folder.resolve("pub.pem");
        Path authority = folder.resolve("ca.pem");
        if (Files.exists(key)) {
            return TrustPolicy.key("signer", Pem.publicKey(Files.readString(key)), CLOCK);
        }
        if (Files.exists(authority)) {
            return TrustPolicy.authority(
                    "authority", Pem.certificates(Files.readString(authority)).getLast(), CLOCK);
        }
        JsonNode who = StrictJson.parse(Files.readAllBytes(folder.resolve("identity.json")));
        String root = Files.readString(folder.resolve("root")).strip();
        return TrustPolicy.identity(
                        new KeylessIdentity(
                                who.get("san").textValue(), who.get("issuer").textValue()),
                        CLOCK)
                .checkedAgainst(
                        SigstoreRoot.parse(
                                Files.readAllBytes(
                                        folder.resolve("../../sigstore/roots/" + root + ".json"))));
    }
}
