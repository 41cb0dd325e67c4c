package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.AuditEvent.InferenceParameters;
import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.ModelRef;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.Sealer;
import atlas.journal.Journal;
import atlas.journal.JournalConfig;
import atlas.journal.JournalEntry;
import atlas.journal.JournalKeys;
import atlas.vault.FileKek;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The two verifiers, the command and the console's module, over one receipt and everything that can
 * be done to it: both accept the one and refuse the rest.
 */
class ReceiptVerifyTest {
    private static final Path MODULE =
            Path.of("../control/src/main/resources/atlas/control/console/receipt-verifier.js");
    private static final String REQUEST = "{\"model\":\"small\",\"messages\":[]}";
    private static final String RESPONSE = "{\"choices\":[]}";
    private static final String ID = "req_1";

    @TempDir static Path temp;

    private static ObjectNode receipt;
    private static String vkey;
    private static String otherKey;
    private static ObjectNode otherReceipt;

    @BeforeAll
    static void record() throws IOException {
        try (KeyVault vault =
                KeyVault.open(
                        temp.resolve("vault"),
                        FileKek.openOrCreate(temp.resolve("kek")),
                        Clock.systemUTC(),
                        _ -> {})) {
            Sealer entries = vault.sealer(Purpose.JOURNAL, "default");
            JournalKeys keys = JournalKeys.create("log.example/receipts", entries);
            vkey = keys.vkey();
            receipt = recorded(temp.resolve("one/journal"), keys, ID, REQUEST);
            JournalKeys others = JournalKeys.create("log.example/receipts", entries);
            otherKey = others.vkey();
            otherReceipt = recorded(temp.resolve("other/journal"), others, "req_2", "{}");
        }
    }

    private static ObjectNode recorded(Path directory, JournalKeys keys, String id, String request)
            throws IOException {
        Files.createDirectories(directory);
        JournalConfig config = JournalConfig.defaults(directory, keys.origin());
        try (Journal journal = Journal.open(config, keys, Clock.systemUTC())) {
            Actor actor = new Actor("alice", "default", "api_key", "key_1", "192.0.2.1");
            ModelIdentity model =
                    new ModelIdentity(new ModelRef("small", 1), Hashes.sha256("m"), "signer");
            long intent =
                    journal.append(
                                    new InferenceIntent(
                                            id,
                                            actor,
                                            "chat",
                                            model,
                                            "builtin-roles/1#consumer:model.infer",
                                            new InferenceParameters(
                                                    false,
                                                    Optional.empty(),
                                                    Optional.empty(),
                                                    Optional.empty(),
                                                    List.of()),
                                            GuardReport.skipped(2),
                                            content(request)))
                            .index();
            for (int i = 0; i < 20; i++) {
                journal.append(new atlas.core.AuditEvent.JournalRead("req_x", actor, "q" + i, i));
            }
            long outcome =
                    journal.append(
                                    new InferenceOutcome(
                                            id,
                                            actor,
                                            intent,
                                            model,
                                            "n1",
                                            "ok",
                                            List.of("stop"),
                                            List.of(),
                                            1,
                                            2,
                                            Duration.ZERO,
                                            Duration.ZERO,
                                            GuardReport.skipped(2),
                                            content(RESPONSE),
                                            ""))
                            .index();
            return receipt(journal, id, intent, outcome);
        }
    }

    private static Content content(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Content("hash", bytes.length, Hashes.sha256(bytes), Optional.empty());
    }

    private static ObjectNode receipt(Journal journal, String id, long intent, long outcome) {
        ObjectNode made = Remote.object();
        made.put("object", "atlas.receipt");
        made.put("request_id", id);
        List<JournalEntry.Evidence> parts =
                List.of(
                        journal.evidence(intent).orElseThrow(),
                        journal.evidence(outcome).orElseThrow());
        for (JournalEntry.Evidence part : parts) {
            ObjectNode view =
                    made.putObject(
                            part.opened().kind().equals("inference.intent") ? "intent" : "outcome");
            view.put("index", part.opened().index());
            view.put("leaf_hash", part.opened().leafHash().hex());
            view.put("statement", new String(part.statement(), StandardCharsets.UTF_8));
            view.put("salt", Base64.getEncoder().encodeToString(part.salt()));
            view.put("entry", Base64.getEncoder().encodeToString(part.entry()));
            view.put("proof", journal.prove(part.opened().index()));
        }
        made.put("signed", journal.signReceipt(id, parts));
        return made;
    }

    /** One way of doing something to a receipt. */
    private record Case(
            String name, JsonNode receipt, String vkey, String request, String response) {}

    private static List<Case> tampered() {
        List<Case> cases = new ArrayList<>();
        ways().forEach((name, way) -> {
            ObjectNode copy = receipt.deepCopy();
            way.accept(copy);
            cases.add(new Case(name, copy, vkey, REQUEST, RESPONSE));
        });
        cases.add(new Case("another log's key", receipt, otherKey, REQUEST, RESPONSE));
        cases.add(new Case("no key", receipt, "", REQUEST, RESPONSE));
        cases.add(new Case("another request", receipt, vkey, REQUEST + " ", RESPONSE));
        cases.add(new Case("another response", receipt, vkey, REQUEST, "{}"));
        cases.add(new Case("not a receipt", Remote.object(), vkey, REQUEST, RESPONSE));
        return cases;
    }

    private static Map<String, Consumer<ObjectNode>> ways() {
        Map<String, Consumer<ObjectNode>> ways = new LinkedHashMap<>();
        ways.put("another request id", r -> r.put("request_id", "req_9"));
        ways.put("no signature", r -> r.remove("signed"));
        ways.put("another log's signature", r -> r.put("signed", signed(otherReceipt)));
        ways.put(
                "a signature over something else",
                r -> r.put("signed", signed(r).replace("\nintent 0", "\nintent 1")));
        ways.put("no intent", r -> r.remove("intent"));
        ways.put("no outcome", r -> r.remove("outcome"));
        ways.put("a checkpoint in place of the signature", r -> r.put("signed", checkpoint(r)));
        ways.put(
                "parts exchanged",
                r -> {
                    JsonNode intent = r.get("intent");
                    r.set("intent", r.get("outcome"));
                    r.set("outcome", intent);
                });
        ways.put("parts of another receipt", r -> r.set("outcome", otherReceipt.get("outcome")));
        ways.putAll(waysWith("intent"));
        ways.putAll(waysWith("outcome"));
        return ways;
    }

    private static Map<String, Consumer<ObjectNode>> waysWith(String part) {
        Map<String, Consumer<ObjectNode>> ways = new LinkedHashMap<>();
        ways.put(part + ": another index", r -> at(r, part).put("index", 7));
        ways.put(part + ": a negative index", r -> at(r, part).put("index", -1));
        ways.put(part + ": another leaf", r -> flip(at(r, part), "leaf_hash"));
        ways.put(part + ": another salt", r -> flip(at(r, part), "salt"));
        ways.put(part + ": no salt", r -> at(r, part).put("salt", ""));
        ways.put(part + ": another entry", r -> flip(at(r, part), "entry"));
        ways.put(part + ": no entry", r -> at(r, part).put("entry", ""));
        ways.put(
                part + ": another statement",
                r -> {
                    String said = at(r, part).get("statement").asText();
                    at(r, part).put("statement", said.replace("\"signer\"", "\"nobody\""));
                });
        ways.put(
                part + ": a statement with a space",
                r -> {
                    String said = at(r, part).get("statement").asText();
                    at(r, part).put("statement", said + " ");
                });
        ways.put(part + ": no proof", r -> at(r, part).remove("proof"));
        ways.put(part + ": an empty proof", r -> at(r, part).put("proof", ""));
        ways.put(
                part + ": the other log's proof",
                r -> at(r, part).set("proof", otherReceipt.at("/" + part + "/proof")));
        ways.put(
                part + ": a hash less",
                r -> {
                    String proof = at(r, part).get("proof").asText();
                    int hash = proof.indexOf('\n', proof.indexOf("index ")) + 1;
                    int next = proof.indexOf('\n', hash) + 1;
                    at(r, part).put("proof", proof.substring(0, hash) + proof.substring(next));
                });
        ways.put(
                part + ": a root that was not signed",
                r -> {
                    String proof = at(r, part).get("proof").asText();
                    String size = "\n22\n";
                    assertThat(proof).contains(size);
                    at(r, part).put("proof", proof.replace(size, "\n23\n"));
                });
        String digest = part.equals("intent") ? "request_sha256" : "response_sha256";
        ways.put(
                part + ": another digest repeated",
                r -> at(r, part).put(digest, Hashes.sha256("x").hex()));
        return ways;
    }

    private static String signed(JsonNode of) {
        return of.get("signed").asText();
    }

    private static String checkpoint(JsonNode of) {
        String proof = of.at("/intent/proof").asText();
        return proof.substring(proof.indexOf("\n\n") + 2);
    }

    private static ObjectNode at(ObjectNode receipt, String part) {
        return (ObjectNode) receipt.get(part);
    }

    private static void flip(ObjectNode part, String field) {
        String text = part.get(field).asText();
        int at = text.length() / 2;
        char other = text.charAt(at) == 'a' ? 'b' : 'a';
        part.put(field, text.substring(0, at) + other + text.substring(at + 1));
    }

    @Test
    void theCommandAcceptsTheReceiptAndRefusesEveryTampering() throws IOException {
        assertThat(byCommand(new Case("good", receipt, vkey, REQUEST, RESPONSE))).isZero();
        List<Case> cases = tampered();
        assertThat(cases).hasSizeGreaterThan(35);
        for (Case tampered : cases) {
            if (tampered.name().equals("no outcome")) {
                // Not signed for as it stands, so it is refused like the rest.
                assertThat(byCommand(tampered)).as(tampered.name()).isEqualTo(Main.NO);
                continue;
            }
            assertThat(byCommand(tampered)).as(tampered.name()).isNotZero();
        }
    }

    @Test
    void aReceiptWithoutProofIsAPromiseThatHasToBeAskedFor() throws IOException {
        ObjectNode promise = receipt.deepCopy();
        at(promise, "intent").remove("proof");
        at(promise, "outcome").remove("proof");
        Case unproved = new Case("promise", promise, vkey, REQUEST, RESPONSE);

        assertThat(byCommand(unproved)).isEqualTo(Main.NO);
        assertThat(byCommand(unproved, "--unproved")).isZero();
    }

    @Test
    void theModuleOfTheConsoleSaysTheSame() throws Exception {
        Path folder = Files.createDirectories(temp.resolve("cases"));
        write(folder, "good", new Case("good", receipt, vkey, REQUEST, RESPONSE));
        int number = 0;
        for (Case tampered : tampered()) {
            write(folder, String.format("tampered-%03d", number++), tampered);
        }
        List<JsonNode> said = byModule(folder);
        assertThat(said).hasSize(number + 1);
        assertThat(said.getFirst().toString()).contains("\"verified\":true");
        for (JsonNode verdict : said.subList(1, said.size())) {
            int at = Integer.parseInt(verdict.get("name").asText().substring(9, 12));
            assertThat(verdict.get("verified").asBoolean())
                    .as(tampered().get(at).name() + ": " + verdict)
                    .isFalse();
        }
    }

    @Test
    void nothingInAReceiptTellsWhoAskedOrWhatWasSaid() {
        String text = receipt.toString();
        String entry =
                new String(
                        Base64.getDecoder().decode(receipt.at("/intent/entry").asText()),
                        StandardCharsets.ISO_8859_1);

        assertThat(text).doesNotContain("alice", "192.0.2.1", "key_1");
        assertThat(entry).doesNotContain("alice", "small", Hashes.sha256(REQUEST).hex());
        assertThat(receipt.at("/intent/statement").asText()).contains("\"principal\":\"p_");
    }

    private static int byCommand(Case of, String... more) throws IOException {
        Path file = Files.writeString(temp.resolve("receipt.json"), of.receipt().toString());
        Path request = Files.writeString(temp.resolve("request.json"), of.request());
        Path response = Files.writeString(temp.resolve("response.json"), of.response());
        List<String> line =
                new ArrayList<>(
                        List.of(
                                "receipt",
                                "verify",
                                file.toString(),
                                "--public-key",
                                of.vkey(),
                                "--request",
                                request.toString(),
                                "--response",
                                response.toString()));
        line.addAll(List.of(more));
        return Shell.run(line.toArray(String[]::new)).status();
    }

    private static void write(Path folder, String name, Case of) throws IOException {
        ObjectNode all = Remote.object();
        all.put("receipt", of.receipt().toString());
        all.put("vkey", of.vkey());
        all.put("request", of.request());
        all.put("response", of.response());
        Files.writeString(folder.resolve(name + ".json"), all.toString());
    }

    private static List<JsonNode> byModule(Path folder) throws Exception {
        Path module = Files.copy(MODULE, temp.resolve("verifier.mjs"));
        Process node;
        try {
            node =
                    new ProcessBuilder(
                                    "node",
                                    "src/test/js/receipts.mjs",
                                    module.toString(),
                                    folder.toString())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            if ("true".equals(System.getenv("CI"))) {
                Assertions.fail("this test needs `node` on the PATH");
            }
            Assumptions.abort("this test needs `node` on the PATH");
            return List.of();
        }
        String out = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(node.waitFor(120, TimeUnit.SECONDS)).isTrue();
        List<JsonNode> verdicts = new ArrayList<>();
        for (String line : out.lines().filter(l -> l.startsWith("{")).toList()) {
            verdicts.add(Remote.JSON.readTree(line));
        }
        assertThat(node.exitValue()).as(out).isZero();
        return verdicts;
    }
}
