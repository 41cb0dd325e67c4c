package atlas.cli;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.journal.ProofVerification;
import atlas.journal.ProofVerifier;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    @Override
    public Integer call() {
        JsonNode receipt = parsed();
        String vkey = vkey();
        List<String> broken = new ArrayList<>();
        ObjectNode report = Remote.object();
        report.put("request_id", receipt.path("request_id").asText());
        int parts = 0;
        for (String part : List.of("intent", "outcome")) {
            JsonNode entry = receipt.path(part);
            if (entry.isObject()) {
                parts++;
                report.put(part, entry.path("index").asLong());
                check(part, entry, vkey, broken);
            }
        }
        if (parts == 0) {
            throw Stop.unknown(file + " holds no entry to check");
        }
        compare("request", request, receipt.path("intent").path("request_sha256"), broken);
        compare("response", response, receipt.path("outcome").path("response_sha256"), broken);
        report.put("verified", broken.isEmpty());
        if (!broken.isEmpty()) {
            report.put("reason", String.join("; ", broken));
        }
        terminal().object(report);
        return broken.isEmpty() ? Main.YES : Main.NO;
    }

    private static void check(String part, JsonNode entry, String vkey, List<String> broken) {
        Digest leaf;
        try {
            leaf = Digest.parse(entry.path("leaf_hash").asText());
        } catch (IllegalArgumentException e) {
            broken.add(part + ": " + e.getMessage());
            return;
        }
        switch (ProofVerifier.verify(entry.path("proof").asText(), vkey, leaf)) {
            case ProofVerification.Holds holds -> {
                if (holds.index() != entry.path("index").asLong(-1)) {
                    broken.add(part + ": the proof is of entry " + holds.index());
                }
            }
            case ProofVerification.Broken why -> broken.add(part + ": " + why.what());
        }
    }

    private static void compare(
            String what, @Nullable Path body, JsonNode recorded, List<String> broken) {
        if (body == null) {
            return;
        }
        try {
            if (!Hashes.sha256(Files.readAllBytes(body)).hex().equals(recorded.asText())) {
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
