package atlas.cli;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.journal.ReceiptVerifier;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a receipt of {@code GET /v1/receipts/…} without a server. */
@Command(
        name = "verify",
        description = "Check an inference receipt against the journal's key. Works offline.",
        footer =
                "%nExample:%n  atlas receipt verify receipt.json --public-key"
                        + " .atlas/journal/verifier.vkey --request body.json")
final class ReceiptVerify extends AtlasCommand {
    private static final List<String> PARTS = List.of("intent", "outcome");

    @Parameters(index = "0", paramLabel = "F", description = "the receipt")
    private Path file = Path.of("");

    @Option(
            names = "--public-key",
            required = true,
            paramLabel = "VKEY",
            description = "the journal's verifier key, as text or in a file")
    private String key = "";

    @Option(names = "--request", paramLabel = "R", description = "the request body, byte for byte")
    private @Nullable Path request;

    @Option(names = "--response", paramLabel = "S", description = "the answer body, byte for byte")
    private @Nullable Path response;

    @Option(
            names = "--unproved",
            description =
                    "accept a receipt that is signed but has no inclusion proof yet: a promise of"
                            + " the server, to be held to it later")
    private boolean unproved;

    @Override
    public Integer call() {
        JsonNode receipt = parsed();
        String id = receipt.path("request_id").asText();
        ObjectNode report = Remote.object();
        report.put("request_id", id);
        List<String> broken = new ArrayList<>();
        List<ReceiptVerifier.Part> parts = new ArrayList<>();
        for (String name : PARTS) {
            if (receipt.path(name).isObject()) {
                report.put(name, receipt.path(name).path("index").asLong());
                part(name, receipt.path(name), broken).ifPresent(parts::add);
            }
        }
        if (parts.isEmpty() && broken.isEmpty()) {
            throw Stop.unknown(file + " holds no entry to check");
        }
        broken.addAll(ReceiptVerifier.verify(id, parts, receipt.path("signed").asText(), vkey()));
        statements(id, receipt, broken);
        compare("request", request, receipt.path("intent"), broken);
        compare("response", response, receipt.path("outcome"), broken);
        boolean proved = parts.stream().allMatch(part -> part.proof().isPresent());
        if (!proved && !unproved) {
            broken.add("there is no inclusion proof yet; ask for the receipt again");
        }
        report.put("proved", proved);
        report.put("verified", broken.isEmpty());
        if (!broken.isEmpty()) {
            report.put("reason", String.join("; ", broken));
        }
        terminal().object(report);
        return broken.isEmpty() ? Main.YES : Main.NO;
    }

    private static Optional<ReceiptVerifier.Part> part(
            String name, JsonNode part, List<String> broken) {
        try {
            Base64.Decoder base64 = Base64.getDecoder();
            return Optional.of(
                    new ReceiptVerifier.Part(
                            name,
                            part.path("index").asLong(-1),
                            Digest.parse(part.path("leaf_hash").asText()),
                            base64.decode(part.path("entry").asText()),
                            base64.decode(part.path("salt").asText()),
                            part.path("statement").asText().getBytes(StandardCharsets.UTF_8),
                            Optional.ofNullable(part.get("proof")).map(JsonNode::asText)));
        } catch (IllegalArgumentException e) {
            broken.add(name + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    /** What the entries are committed to speaks of this request, and of each other. */
    private static void statements(String id, JsonNode receipt, List<String> broken) {
        for (String name : PARTS) {
            if (!receipt.path(name).isObject()) {
                continue;
            }
            JsonNode statement = statement(receipt.path(name));
            if (!statement.path("kind").asText().equals("inference." + name)) {
                broken.add(name + ": the statement is of another kind");
            }
            if (!statement.path("request_id").asText().equals(id)) {
                broken.add(name + ": the statement is about another request");
            }
        }
        JsonNode intent = receipt.path("intent");
        JsonNode outcome = receipt.path("outcome");
        if (intent.isObject()
                && outcome.isObject()
                && statement(outcome).path("intent").asLong(-1) != intent.path("index").asLong()) {
            broken.add("outcome: the statement names another intent");
        }
    }

    private static JsonNode statement(JsonNode part) {
        try {
            return Remote.JSON.readTree(part.path("statement").asText());
        } catch (IOException e) {
            return Remote.object();
        }
    }

    private static void compare(
            String what, @Nullable Path body, JsonNode part, List<String> broken) {
        String stated = statement(part).path(what + "_sha256").asText();
        JsonNode repeated = part.path(what + "_sha256");
        if (part.isObject() && !repeated.isMissingNode() && !repeated.asText().equals(stated)) {
            broken.add(what + "_sha256 is not what the statement says");
        }
        if (body == null) {
            return;
        }
        if (stated.isEmpty()) {
            broken.add("no digest of the " + what + " was recorded");
            return;
        }
        try {
            if (!Hashes.sha256(Files.readAllBytes(body)).hex().equals(stated)) {
                broken.add("the " + what + " in " + body + " is not the one recorded");
            }
        } catch (IOException e) {
            throw Stop.unknown("cannot read " + body + ": " + e.getMessage());
        }
    }

    private JsonNode parsed() {
        try {
            return Remote.JSON.readTree(Files.readString(file));
        } catch (IOException e) {
            throw Stop.unknown("cannot read the receipt " + file + ": " + e.getMessage());
        }
    }

    private String vkey() {
        try {
            Path path = Path.of(key);
            return Files.isRegularFile(path) ? Files.readString(path).strip() : key;
        } catch (IOException e) {
            throw Stop.unknown("cannot read the verifier key: " + e.getMessage());
        } catch (java.nio.file.InvalidPathException e) {
            return key;
        }
    }
}
