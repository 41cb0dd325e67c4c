package atlas.registry.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bundles of sigstore-conformance: a folder's name ends in {@code _fail} when it must not hold. */
class SigstoreConformanceTest {
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-01T00:00:00Z"), ZoneOffset.UTC);
    private static final String WORKFLOW =
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon"
                    + "/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
    private static final String ISSUER = "https://token.actions.githubusercontent.com";

    private static Path conformance() throws URISyntaxException {
        URL url = SigstoreConformanceTest.class.getResource("/registry/sigstore/conformance");
        assertThat(url).isNotNull();
        return Path.of(url.toURI());
    }

    static Stream<Path> cases() throws IOException, URISyntaxException {
        try (Stream<Path> folders = Files.list(conformance())) {
            List<Path> all = folders.filter(Files::isDirectory).sorted().toList();
            assertThat(all).hasSizeGreaterThan(40);
            return all.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decidesAsTheNameSays(Path folder) throws Exception {
        if (folder.endsWith("trust-root-tlog-missing-validity-start_fail")) {
            assertThatThrownBy(() -> policy(folder, WORKFLOW, ISSUER))
                    .isInstanceOf(OmsException.class)
                    .hasMessageContaining("`start`");
            return;
        }
        OmsVerification outcome = verify(folder, bundle(folder));

        assertThat(outcome)
                .isInstanceOf(
                        folder.getFileName().toString().endsWith("_fail")
                                ? OmsVerification.NotVerified.class
                                : OmsVerification.Verified.class);
    }

    private static byte[] bundle(Path folder) throws IOException {
        return Files.readAllBytes(folder.resolve("bundle.sigstore.json"));
    }

    private static OmsVerification verify(Path folder, byte[] bundle) throws Exception {
        Path own = folder.resolve("artifact");
        Path artifact = Files.exists(own) ? own : folder.resolveSibling("a.txt");
        return OmsVerifier.verify(artifact, bundle, policy(folder, WORKFLOW, ISSUER));
    }

    private static TrustPolicy policy(Path folder, String subject, String issuer)
            throws IOException {
        Path key = folder.resolve("key.pub");
        TrustPolicy policy =
                Files.exists(key)
                        ? TrustPolicy.key("key", Pem.publicKey(Files.readString(key)), CLOCK)
                        : TrustPolicy.identity(new KeylessIdentity(subject, issuer), CLOCK);
        Path root = folder.resolve("root");
        if (!Files.exists(root)) {
            return policy;
        }
        String name = Files.readString(root).strip() + ".json";
        Path json = folder.resolve("../../roots/" + name);
        return policy.checkedAgainst(SigstoreRoot.parse(Files.readAllBytes(json)));
    }

    @Test
    void anotherIdentityOrIssuerIsSomebodyElse() throws Exception {
        Path folder = conformance().resolve("happy-path-v0.3");
        Path artifact = folder.resolveSibling("a.txt");

        for (String[] who :
                new String[][] {
                    {WORKFLOW + "x", ISSUER},
                    {WORKFLOW, ISSUER + "/"},
                    {WORKFLOW.toUpperCase(java.util.Locale.ROOT), ISSUER}
                }) {
            assertThat(OmsVerifier.verify(artifact, bundle(folder), policy(folder, who[0], who[1])))
                    .isInstanceOf(OmsVerification.NotVerified.class);
        }
    }

    /**
     * Every piece of evidence counts: damage in any one text of a bundle that holds, by a changed
     * character in the middle or by leaving it out, is noticed, except where no meaning lies.
     */
    @ParameterizedTest
    @MethodSource("holding")
    void noPieceOfEvidenceMayBeDamaged(Path folder) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        List<String> pointers = new ArrayList<>();
        texts(mapper.readTree(bundle(folder)), "", pointers);
        assertThat(pointers).hasSizeGreaterThan(10);

        for (String pointer : pointers) {
            ObjectNode damaged = (ObjectNode) mapper.readTree(bundle(folder));
            int slash = pointer.lastIndexOf('/');
            JsonNode parent = damaged.at(pointer.substring(0, slash));
            String field = pointer.substring(slash + 1);
            String changed = changed(damaged.at(pointer).textValue());
            if (parent instanceof ObjectNode object) {
                object.put(field, changed);
            } else {
                ((com.fasterxml.jackson.databind.node.ArrayNode) parent)
                        .set(Integer.parseInt(field), mapper.getNodeFactory().textNode(changed));
            }
            // The index of an entry in a log without promises is a hint and nothing more.
            boolean hint =
                    pointer.endsWith("/0/logIndex")
                            && damaged.at("/verificationMaterial/tlogEntries/0/inclusionPromise")
                                    .isMissingNode();
            if (!hint) {
                assertThat(verify(folder, mapper.writeValueAsBytes(damaged)))
                        .as(pointer)
                        .isInstanceOf(OmsVerification.NotVerified.class);
            }
        }
    }

    static Stream<Path> holding() throws URISyntaxException {
        return Stream.of(
                        "happy-path-v0.3",
                        "happy-path-intoto-in-dsse-v3",
                        "rekor2-dsse-happy-path",
                        "managed-key-happy-path")
                .map(name -> {
                    try {
                        return conformance().resolve(name);
                    } catch (URISyntaxException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static void texts(JsonNode node, String at, List<String> pointers) {
        if (node.isTextual()) {
            pointers.add(at);
        }
        node.properties().forEach(e -> texts(e.getValue(), at + "/" + e.getKey(), pointers));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            texts(node.get(i), at + "/" + i, pointers);
        }
    }

    // Base64 stays base64, so that what is damaged is the content.
    private static String changed(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            bytes[bytes.length / 2] ^= 1;
            return Base64.getEncoder().encodeToString(bytes);
        } catch (IllegalArgumentException e) {
            // Further down a checkpoint has lines of witnesses, whom nobody here knows.
            char[] chars = text.toCharArray();
            int at = text.contains("\n") ? 3 : chars.length / 2;
            chars[at] = (char) (chars[at] ^ 1);
            return new String(chars);
        }
    }
}
