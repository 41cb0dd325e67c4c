package atlas.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.cli.Planes.Plane;
import atlas.journal.JournalEntry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every attack of the corpora against a real gateway and a real control plane: refused, nothing
 * forwarded, and on record. One file per attack, its name the claim.
 *
 * <p>The edge's corpus goes to both planes as it stands. Of this module's own corpus the first line
 * says to which plane and what must come back: {@code gateway 400}, {@code both reset}.
 */
class AttackCorpusTest {
    private static final Path EDGE = Path.of("../runtime/src/test/resources/runtime/attacks");
    private static final Path OWN = Path.of("src/test/resources/cli/attacks");
    private static final String SMUGGLED =
            "GET /v1/models HTTP/1.1\r\n"
                    + "Host: localhost\r\n"
                    + "Authorization: Bearer {consumer}\r\n\r\n";
    private static final Pattern REQUEST_ID = Pattern.compile("\r\nx-request-id: (req_[a-z2-7]+)");
    private static final Set<String> SINGLY =
            Set.of("access.refused", "inference.denied", "admin.act");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path temp;

    private static Planes planes;

    /** Ids of answered refusals, and how many there were in all. */
    private final Set<String> refused = new HashSet<>();

    private int refusals;

    private record Attack(String name, Plane plane, String expected, String text) {}

    @BeforeAll
    static void start() throws Exception {
        planes = new Planes(temp);
    }

    @AfterAll
    static void stop() {
        planes.close();
    }

    @TestFactory
    Stream<DynamicTest> isRefusedAndRecorded() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Attack attack : attacks()) {
            String name = attack.plane().name().toLowerCase(java.util.Locale.ROOT);
            tests.add(DynamicTest.dynamicTest(name + ": " + attack.name(), () -> refuses(attack)));
        }
        assertThat(tests).hasSizeGreaterThan(400);
        tests.add(DynamicTest.dynamicTest("nothing was forwarded", this::nothingWasForwarded));
        tests.add(DynamicTest.dynamicTest("all are on record", this::allAreOnRecord));
        return tests.stream();
    }

    private static List<Attack> attacks() throws IOException {
        List<Attack> attacks = new ArrayList<>();
        for (Path file : files(EDGE)) {
            // These are about a limit that the edge's own test sets lower.
            if (!file.getFileName().toString().startsWith("body-larger")) {
                for (Plane plane : Plane.values()) {
                    String text = Files.readString(file, ISO_8859_1);
                    attacks.add(attack(file, plane, text.substring(0, 3), text));
                }
            }
        }
        for (Path file : files(OWN)) {
            String text = Files.readString(file, ISO_8859_1);
            String[] head = text.substring(0, text.indexOf('\n')).split(" ", 2);
            for (Plane plane : Plane.values()) {
                if (head[0].equals("both") || head[0].equalsIgnoreCase(plane.name())) {
                    attacks.add(attack(file, plane, head[1], text));
                }
            }
        }
        return attacks;
    }

    private static Attack attack(Path file, Plane plane, String expected, String text) {
        String name = file.getFileName().toString();
        return new Attack(name, plane, expected, text.substring(text.indexOf('\n') + 1));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(http|h2)"))
                    .sorted()
                    .toList();
        }
    }

    private void refuses(Attack attack) throws IOException {
        refusals++;
        if (attack.name().endsWith(".h2")) {
            refusesHttp2(attack);
            return;
        }
        String sent = planes.withKeys(attack.text());
        // A plain refusal leaves the connection open; what is smuggled behind one that is not
        // understood must never be answered.
        boolean own = attack.text().contains("\r\nConnection: close\r\n");
        byte[] bytes = (own ? sent : sent + planes.withKeys(SMUGGLED)).getBytes(ISO_8859_1);
        String answer = planes.exchange(attack.plane(), bytes);
        assertThat(answer).startsWith("HTTP/1.1 " + attack.expected() + " ");
        assertThat(answer.split("(?m)^HTTP/1\\.1 ", -1)).as("one answer").hasSize(2);
        Matcher id = REQUEST_ID.matcher(answer);
        assertThat(id.find()).isTrue();
        refused.add(id.group(1));
    }

    private void refusesHttp2(Attack attack) throws IOException {
        String[] parts = planes.withKeys(attack.text()).split("\n--\n", 2);
        List<RawHttp2.Line> lines = new ArrayList<>();
        for (String line : parts[0].strip().split("\n")) {
            int colon = line.indexOf(':', 1);
            lines.add(
                    new RawHttp2.Line(
                            unescaped(line.substring(0, colon)),
                            unescaped(line.substring(colon + 2))));
        }
        try (SSLSocket socket = planes.connect(attack.plane(), "h2")) {
            String answer = new RawHttp2(socket).send(lines, parts.length > 1 ? parts[1] : "");
            String expected =
                    attack.expected().equals("reset") ? "reset" : "status " + attack.expected();
            assertThat(answer).isEqualTo(expected);
        }
    }

    private static String unescaped(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
    }

    private void nothingWasForwarded() {
        assertThat(planes.forwarded()).isZero();
    }

    private void allAreOnRecord() throws IOException {
        Set<String> recorded = new HashSet<>();
        int singly = 0;
        long counted = 0;
        for (JournalEntry entry : planes.closeAndRead()) {
            JsonNode fact = JSON.readTree(entry.json());
            recorded.add(fact.path("request_id").asText());
            singly += SINGLY.contains(entry.kind()) ? 1 : 0;
            if (entry.kind().equals("access.refusals")) {
                for (JsonNode count : fact.path("count_by_reason")) {
                    counted += count.asLong();
                }
            }
        }
        // Strangers beyond the first of a minute are counted instead of written one by one.
        refused.removeAll(recorded);
        assertThat(counted).as("counted").isGreaterThanOrEqualTo(refused.size());
        assertThat(singly + counted).as("recorded").isGreaterThanOrEqualTo(refusals);
    }
}
