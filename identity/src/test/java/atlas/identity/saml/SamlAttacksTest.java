package atlas.identity.saml;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.identity.SettableClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Every attack of the corpus is refused for its own reason. {@code -Datlas.golden=write} makes the
 * corpus anew; {@code -Datlas.golden=keys}, before that, the keys that its messages are signed by.
 */
class SamlAttacksTest {
    private static final String GOLDEN = System.getProperty("atlas.golden", "");

    private final SettableClock clock = new SettableClock();

    private static TestIdp idp() {
        return new TestIdp();
    }

    @TestFactory
    Stream<DynamicTest> refuses() throws Exception {
        if (GOLDEN.equals("keys")) {
            TestIdp.makeKeys();
            return Stream.empty();
        }
        if (GOLDEN.equals("write")) {
            rewrite();
        }
        return Attack.all().stream()
                .map(attack -> DynamicTest.dynamicTest(attack.name(), () -> refuse(attack)));
    }

    private void rewrite() throws Exception {
        TestIdp idp = idp();
        List<Attack> settled = new ArrayList<>();
        for (Attack attack : Corpus.made(idp)) {
            // Which rule catches a wrapped message first is observed once, then held.
            String reason = attack.reason().isEmpty() ? outcome(idp, attack) : attack.reason();
            settled.add(
                    new Attack(
                            attack.name(),
                            attack.binding(),
                            attack.before(),
                            reason,
                            attack.message()));
        }
        Attack.write(settled);
    }

    private void refuse(Attack attack) {
        assertThat(outcome(idp(), attack)).isEqualTo(attack.reason()).startsWith("saml_");
    }

    /** The reason of the refusal, or whatever else came of it. */
    private String outcome(TestIdp idp, Attack attack) {
        try (SamlServiceProvider provider = idp.serviceProvider(clock)) {
            if (!attack.before().isEmpty()) {
                String genuine = Attack.genuine(idp, attack.before());
                String first = said(idp, provider, attack.binding(), genuine);
                assertThat(first).as("the genuine one is taken").isEqualTo("accepted");
            }
            return said(idp, provider, attack.binding(), attack.message());
        }
    }

    private static String said(
            TestIdp idp, SamlServiceProvider provider, String binding, String message) {
        return switch (binding) {
            case "login" ->
                    switch (provider.accept(
                            PostBinding.encoded(Corpus.utf8(message)),
                            TestIdp.RELAY,
                            Optional.of(idp.cookie()))) {
                        case SamlOutcome.SignedIn _ -> "accepted";
                        case SamlOutcome.Refused no -> no.reason();
                        case SamlOutcome.Unavailable down -> down.toString();
                    };
            case "logout-post" -> said(provider.posted(form("SAMLRequest", message)));
            case "logout-post-answer" -> said(provider.posted(form("SAMLResponse", message)));
            case "logout-redirect" -> said(provider.redirected(message));
            default -> throw new AssertionError(binding);
        };
    }

    private static Map<String, String> form(String kind, String message) {
        return Map.of(kind, PostBinding.encoded(Corpus.utf8(message)));
    }

    private static String said(SamlLogout outcome) {
        return switch (outcome) {
            case SamlLogout.Requested _, SamlLogout.Answered _ -> "accepted";
            case SamlLogout.Refused no -> no.reason();
            case SamlLogout.Unavailable down -> down.toString();
        };
    }

    @Test
    void theCorpusIsWhatTheGeneratorMakes() {
        Map<String, Attack> made =
                Corpus.made(idp()).stream().collect(Collectors.toMap(Attack::name, a -> a));
        List<Attack> kept = Attack.all();
        assertThat(kept.stream().map(Attack::name))
                .containsExactlyInAnyOrderElementsOf(made.keySet());
        for (Attack attack : kept) {
            // What is encrypted is different every time.
            if (!attack.name().startsWith("encrypted")) {
                assertThat(attack.message())
                        .as(attack.name())
                        .isEqualTo(Objects.requireNonNull(made.get(attack.name())).message());
            }
        }
    }

    @Test
    void theCorpusNamesWhatTheProjectPromisesToRefuse() {
        List<String> names = Attack.all().stream().map(Attack::name).toList();
        for (int i = 1; i <= 8; i++) {
            String prefix = "xsw" + i + "-";
            assertThat(names).anyMatch(name -> name.startsWith(prefix));
        }
        assertThat(names)
                .contains(
                        "comment-cuts-the-name",
                        "xxe-file",
                        "billion-laughs",
                        "unsigned",
                        "signature-cut-out",
                        "replayed",
                        "rsa-sha1",
                        "id-twice",
                        "logout-replayed");
    }

    @Test
    void aSignatureNeverVouchesForAnotherElementWhateverTheStructureAroundIt() throws Exception {
        TestIdp idp = idp();
        List<java.security.PublicKey> keys = List.of(idp.certificate("idp").getPublicKey());
        int vouched = 0;
        for (Attack attack : Wrapping.all(idp)) {
            // Without any rule about where things stand: only what verifies, and what comes out.
            Document document = TestIdp.dom(attack.message());
            var elements = document.getElementsByTagNameNS("*", "*");
            List<Element> all = new ArrayList<>();
            for (int i = 0; i < elements.getLength(); i++) {
                all.add((Element) elements.item(i));
            }
            for (Element element : all) {
                try {
                    Element signed = SignedElement.verified(element, keys);
                    vouched++;
                    assertThat(TestIdp.text(signed))
                            .as(attack.name())
                            .contains(">alice<")
                            .doesNotContain("mallory");
                } catch (SamlException e) {
                    assertThat(e.reason()).startsWith("saml_");
                }
            }
        }
        assertThat(vouched).as("genuine signatures that verified in place").isPositive();
    }
}
