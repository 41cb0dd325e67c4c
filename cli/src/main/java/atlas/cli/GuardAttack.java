package atlas.cli;

import atlas.core.Role;
import atlas.guard.AttackSuite;
import atlas.guard.AttackSuite.Attempt;
import atlas.guard.AttackSuite.Expected;
import atlas.guard.Channel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A red team against what is deployed: every text is a real request through the gateway. */
@Command(
        name = "attack",
        description = {
            "Attack a deployed model through the gateway and report what passed.",
            "Exit status 1 when a known attack passed. Each attempt is a request for one token;"
                    + " the same seed sends the same texts."
        },
        footer = "%nExample:%n  atlas guard attack --model demo --count 120")
final class GuardAttack extends AtlasCommand {
    private static final int MOST = 1000;
    private static final String CALL = "call_1";

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME",
            description = "the model to attack")
    private String model = "";

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "60",
            description = "how many texts to try, 1000 at most (default: ${DEFAULT-VALUE})")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "which texts (default: ${DEFAULT-VALUE})")
    private long seed;

    @Override
    public Integer call() {
        if (count < 1 || count > MOST) {
            throw Stop.usage("--count is 1 to " + MOST);
        }
        Remote gateway = Remote.gateway(shared(), Role.CONSUMER);
        Tally tally = new Tally();
        for (Attempt attempt : AttackSuite.of(seed, count)) {
            Remote.Answer answer = gateway.ask("/v1/chat/completions", request(attempt));
            tally.add(attempt, refused(answer));
        }
        show(tally);
        return tally.passed.isEmpty() ? Main.YES : Main.NO;
    }

    /** Whether the guard refused it; an answer that says neither stops the run. */
    private static boolean refused(Remote.Answer answer) {
        if (answer.status() == 200) {
            return false;
        }
        if (answer.code().equals("prompt_injection_detected")) {
            return true;
        }
        throw Stop.unknown("the gateway neither answered nor refused: " + answer.explanation());
    }

    private ObjectNode request(Attempt attempt) {
        ObjectNode request = Remote.object();
        request.put("model", model);
        request.put("max_tokens", 1);
        ArrayNode messages = request.putArray("messages");
        if (attempt.channel() == Channel.USER) {
            messages.addObject().put("role", "user").put("content", attempt.text());
            return request;
        }
        messages.addObject().put("role", "user").put("content", "What did the search find?");
        ObjectNode asked = messages.addObject().put("role", "assistant").put("content", "");
        ObjectNode call = asked.putArray("tool_calls").addObject();
        call.put("id", CALL).put("type", "function");
        call.putObject("function").put("name", "search").put("arguments", "{}");
        messages.addObject()
                .put("role", "tool")
                .put("tool_call_id", CALL)
                .put("content", attempt.text());
        return request;
    }

    private void show(Tally tally) {
        if (terminal().json()) {
            ObjectNode all =
                    Remote.object().put("model", model).put("seed", seed).put("tried", count);
            tally.kinds.forEach((kind, seen) -> {
                String name = kind.name().toLowerCase(Locale.ROOT);
                all.putObject(name).put("tried", seen[0]).put("refused", seen[1]);
            });
            ArrayNode passed = all.putArray("passed");
            tally.passed.forEach(passed::add);
            terminal().print(all.toString());
            return;
        }
        List<JsonNode> rows = new ArrayList<>();
        tally.kinds.forEach((kind, seen) ->
                rows.add(
                        Remote.object()
                                .put("texts", words(kind))
                                .put("tried", seen[0])
                                .put("refused", seen[1])
                                .put("passed", seen[0] - seen[1])));
        terminal()
                .rows(
                        rows,
                        List.of(
                                Terminal.Column.field("TEXTS", "texts"),
                                Terminal.Column.field("TRIED", "tried"),
                                Terminal.Column.field("REFUSED", "refused"),
                                Terminal.Column.field("PASSED", "passed")));
        for (JsonNode one : tally.passed) {
            terminal()
                    .say(
                            Terminal.safe(
                                    "passed: "
                                            + one.path("family").asText()
                                            + ", "
                                            + one.path("disguise").asText()
                                            + ": "
                                            + one.path("text").asText()));
        }
    }

    private static String words(Expected kind) {
        return switch (kind) {
            case REFUSED -> "known attacks";
            case BETTER_REFUSED -> "made-up attacks";
            case ANSWERED -> "harmless";
        };
    }

    /** What became of the attempts. */
    private static final class Tally {
        private final Map<Expected, int[]> kinds = new TreeMap<>();
        private final List<JsonNode> passed = new ArrayList<>();

        void add(Attempt attempt, boolean refused) {
            int[] seen = kinds.computeIfAbsent(attempt.expected(), kind -> new int[2]);
            seen[0]++;
            seen[1] += refused ? 1 : 0;
            if (!refused && attempt.expected() == Expected.REFUSED) {
                passed.add(
                        Remote.object()
                                .put("family", attempt.family())
                                .put("disguise", attempt.disguise())
                                .put("channel", attempt.channel().name().toLowerCase(Locale.ROOT))
                                .put("text", attempt.text()));
            }
        }
    }
}
