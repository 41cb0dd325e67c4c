package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys.Issued;
import atlas.identity.ApiKeys.KeyRequest;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The corpus against API keys: collisions of prefixes, look-alikes, splices; one file each. */
class KeyAttacksTest {
    private static final String HERE = "192.0.2.7";
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final Pattern PLACE = Pattern.compile("\\{([a-zA-Z.]+)(?::([0-9]+))?}");

    private final SettableClock clock = new SettableClock();
    private final ApiKeys keys =
            new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(new byte[32]), clock);
    private final Issued mine = issue();
    private final Issued other = issue();

    private Issued issue() {
        return keys.issue(
                new KeyRequest(
                        "alice",
                        Principal.Kind.SERVICE,
                        "default",
                        Set.of(Role.CONSUMER),
                        List.of(new Glob("*")),
                        Duration.ofDays(1),
                        ""));
    }

    @TestFactory
    Stream<DynamicTest> refuses() throws IOException, URISyntaxException {
        Path corpus = Path.of(KeyAttacksTest.class.getResource("/identity/attacks/keys").toURI());
        List<Path> files;
        try (Stream<Path> all = Files.list(corpus)) {
            files = all.sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(30);
        return files.stream()
                .map(file ->
                        DynamicTest.dynamicTest(
                                file.getFileName().toString().replace(".json", ""),
                                () -> refuse(file)));
    }

    private void refuse(Path file) throws IOException, ParseException {
        Map<String, Object> attack = JSONObjectUtils.parse(Files.readString(file));
        String text = filled(String.valueOf(attack.get("text")));
        assertThat(check(mine.secret())).isInstanceOf(Authenticated.class);

        Authentication outcome = check(Sensitive.of(text));

        assertThat(outcome).isInstanceOf(Rejected.class);
        Rejected no = (Rejected) outcome;
        assertThat(no.reason()).isEqualTo(attack.get("reason"));
        assertThat(no.toHolder()).isEmpty();
        assertThat(no.hint())
                .doesNotContain(parts(mine).secret())
                .doesNotContain(parts(other).secret());
    }

    private Authentication check(Sensitive<String> presented) {
        return keys.authenticate(presented, HERE, true);
    }

    private static KeyText parts(Issued issued) {
        return KeyText.parse(issued.secret().reveal()).orElseThrow();
    }

    /** {@code {sum}} is the checksum that fits all before it, so that nothing else is refused. */
    private String filled(String template) {
        Matcher place = PLACE.matcher(template);
        StringBuilder out = new StringBuilder();
        while (place.find()) {
            String value =
                    place.group(1).equals("sum")
                            ? KeyText.checksum(filledSoFar(out, place, template))
                            : value(place.group(1));
            if (place.group(2) != null) {
                value = value.substring(0, Integer.parseInt(place.group(2)));
            }
            place.appendReplacement(out, Matcher.quoteReplacement(value));
        }
        place.appendTail(out);
        return out.toString();
    }

    private static String filledSoFar(StringBuilder out, Matcher place, String template) {
        StringBuilder copy = new StringBuilder(out);
        int from = template.lastIndexOf('}', place.start() - 1) + 1;
        return copy.append(template, from, place.start()).toString();
    }

    private String value(String name) {
        KeyText key = parts(mine);
        KeyText second = parts(other);
        return switch (name) {
            case "id" -> key.id();
            case "secret" -> key.secret();
            case "ID" -> key.id().toUpperCase(Locale.ROOT);
            case "SECRET" -> key.secret().toUpperCase(Locale.ROOT);
            case "other.id" -> second.id();
            case "other.secret" -> second.secret();
            case "other.sum" -> second.text().substring(second.text().length() - 7);
            case "near.id" -> changed(key.id(), key.id().length() - 1);
            case "near.secret" -> changed(key.secret(), key.secret().length() - 1);
            case "far.secret" -> changed(key.secret(), 0);
            case "hash" -> KeyText.base32(mine.key().hash());
            default -> throw new AssertionError("no such place: " + name);
        };
    }

    private static String changed(String text, int at) {
        int now = ALPHABET.indexOf(text.charAt(at));
        char next = ALPHABET.charAt((now + 1) % ALPHABET.length());
        return text.substring(0, at) + next + text.substring(at + 1);
    }
}
