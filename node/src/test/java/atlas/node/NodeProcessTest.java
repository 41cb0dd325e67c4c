package atlas.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.ModelRef;
import atlas.core.WorkloadId;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.node.engine.ModelFiles;
import atlas.node.trainer.TinyModel;
import atlas.runtime.http.Headers;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeProcessTest {
    private static final Clock CLOCK = Clock.systemUTC();
    private static final ModelRef DEMO = new ModelRef("atlas-demo", 1);
    private static final ModelRef EMBED = new ModelRef("atlas-embed", 1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String HELLO =
            "{\"model\":\"atlas-demo\",\"temperature\":0,\"messages\":"
                    + "[{\"role\":\"user\",\"content\":\"Could you tell me what zero trust is?\"}]";
    private static final String STORY =
            "{\"temperature\":1.9,\"max_tokens\":900,\"stream\":true,\"messages\":"
                    + "[{\"role\":\"user\",\"content\":\"Tell me a story about a brave owl.\"}]}";

    private final CertificateAuthority authority = CertificateAuthority.create("test", CLOCK);
    private final MemoryModels models = new MemoryModels();
    private final MemoryAudit audit = new MemoryAudit();
    private final NodeProcess node = start();
    private final Upstream gateway = as("/gateway");
    private final Upstream control = as("/control");

    private NodeProcess start() {
        models.put(DEMO, ModelFiles.demo());
        models.put(EMBED, ModelFiles.embed());
        NodeConfig d = NodeConfig.defaults();
        NodeConfig config =
                new NodeConfig(
                        d.name(),
                        d.listenAddress(),
                        0,
                        d.maxModels(),
                        d.maxContextTokens(),
                        2,
                        0,
                        d.maxAnswerTokens(),
                        d.temperature(),
                        true,
                        d.reverifyEvery(),
                        false,
                        true,
                        d.limits(),
                        List.of());
        IssuedCertificate server =
                authority.server(
                        new WorkloadId("test", "/node"),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        HOUR);
        return NodeProcess.start(
                config, new NodeParts(models, audit, identity(server), "test", CLOCK));
    }

    private TlsIdentity identity(IssuedCertificate issued) {
        return new TlsIdentity(issued.key(), issued.chain(), List.of(authority.root()));
    }

    private Upstream as(String path) {
        IssuedCertificate issued = authority.workload(new WorkloadId("test", path), HOUR);
        return open(Optional.of(identity(issued)));
    }

    private Upstream open(Optional<TlsIdentity> tls) {
        return Upstream.open(
                new UpstreamConfig(
                        "node",
                        "127.0.0.1",
                        node.address().getPort(),
                        tls,
                        Optional.of(new WorkloadId("test", "/node")),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(30),
                        8,
                        Optional.empty()));
    }

    @AfterAll
    void close() {
        gateway.close();
        control.close();
        node.close();
        assertThat(models.open).hasValue(0);
    }

    private static UpstreamResponse send(Upstream by, ModelRef model, String path, String body)
            throws UpstreamException {
        return by.send(
                "POST",
                path,
                Headers.of("atlas-model", model.toString(), "atlas-request-id", "req_1"),
                body.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(60));
    }

    private static String text(UpstreamResponse response) throws UpstreamException {
        try (response) {
            return new String(response.body(1 << 20), StandardCharsets.UTF_8);
        }
    }

    private static String post(Upstream by, ModelRef model, String path, String body)
            throws UpstreamException {
        return text(send(by, model, path, body));
    }

    @Test
    void answersTheGatewayWithTheModelItNames() throws Exception {
        String answer = post(gateway, DEMO, "/v1/chat/completions", HELLO + "}");
        assertThat(answer)
                .contains("\"content\":\"Zero trust is a security model that never trusts")
                .contains("\"object\":\"chat.completion\"", "\"id\":\"chatcmpl-req_1\"")
                .contains("\"finish_reason\":\"stop\"", "\"completion_tokens\":")
                .contains("\"system_fingerprint\":\"atlas-");
        assertThat(audit.changes()).contains("loaded atlas-demo@1");
    }

    @Test
    void streamsTheSameAnswerWithItsUsage() throws Exception {
        List<String> events = new ArrayList<>();
        try (UpstreamResponse response =
                send(gateway, DEMO, "/v1/chat/completions", HELLO + ",\"stream\":true}")) {
            assertThat(response.headers().first("content-type")).hasValue("text/event-stream");
            var lines =
                    new BufferedReader(
                            new InputStreamReader(response.stream(), StandardCharsets.UTF_8));
            lines.lines().filter(line -> !line.isEmpty()).forEach(events::add);
        }
        assertThat(events.getFirst()).contains("\"role\":\"assistant\"");
        assertThat(events.getLast()).isEqualTo("data: [DONE]");
        assertThat(events.get(events.size() - 2)).contains("\"choices\":[]", "\"usage\":{");
        assertThat(String.join("", events)).contains("Zero");
        assertThat(events).hasSizeGreaterThan(4);
    }

    @Test
    void continuesTextAndEmbeds() throws Exception {
        assertThat(
                        post(
                                gateway,
                                DEMO,
                                "/v1/completions",
                                "{\"prompt\":\"Once upon a time\",\"max_tokens\":8}"))
                .contains("\"object\":\"text_completion\"", "\"text\":\"");
        String floats = post(gateway, EMBED, "/v1/embeddings", "{\"input\":[\"a queue\",\"b\"]}");
        assertThat(floats).contains("\"embedding\":[", "\"index\":1", "\"prompt_tokens\":");
        assertThat(
                        post(
                                gateway,
                                EMBED,
                                "/v1/embeddings",
                                "{\"input\":\"a queue\",\"encoding_format\":\"base64\"}"))
                .contains("\"embedding\":\"");
    }

    @Test
    void answersNobodyElse() throws Exception {
        try (Upstream stranger = as("/somebody");
                UpstreamResponse answer =
                        send(stranger, DEMO, "/v1/chat/completions", HELLO + "}")) {
            assertThat(answer.status()).isEqualTo(403);
        }
        try (Upstream elsewhere = as("/gateway/x");
                UpstreamResponse answer = send(elsewhere, DEMO, "/node/v1/load", "{}")) {
            assertThat(answer.status()).isEqualTo(403);
        }
        CertificateAuthority other = CertificateAuthority.create("test", CLOCK);
        IssuedCertificate forged = other.workload(new WorkloadId("test", "/gateway"), HOUR);
        TlsIdentity identity =
                new TlsIdentity(forged.key(), forged.chain(), List.of(authority.root()));
        try (Upstream forger = open(Optional.of(identity))) {
            assertThatThrownBy(() -> send(forger, DEMO, "/v1/chat/completions", HELLO + "}"))
                    .isInstanceOf(UpstreamException.class);
        }
    }

    @Test
    void onlyTheGatewayInfersAndOnlyTheControlPlaneLoads() throws Exception {
        try (UpstreamResponse answer = send(control, DEMO, "/v1/chat/completions", HELLO + "}")) {
            assertThat(answer.status()).isEqualTo(403);
        }
        String load = "{\"model\":\"atlas-demo@1\"}";
        try (UpstreamResponse answer = send(gateway, DEMO, "/node/v1/load", load)) {
            assertThat(answer.status()).isEqualTo(403);
        }
        assertThat(post(control, DEMO, "/node/v1/load", load))
                .contains("\"model\":\"atlas-demo@1\"", "\"weights\":\"verified\"")
                .contains("\"engine\":\"embedded\"", "\"isolation\":\"in-process\"");
    }

    @Test
    void refusesWhatItCannotHonour() throws Exception {
        String[][] cases = {
            {"{", "invalid_request"},
            {"[]", "invalid_request"},
            {"{\"messages\":[]}", "invalid_request"},
            {HELLO + ",\"temperature\":0}", "invalid_request"},
            {HELLO.replace("\"temperature\":0", "\"temperature\":-1") + "}", "`temperature`"},
            {HELLO + ",\"top_p\":7}", "`top_p`"},
            {HELLO + ",\"max_tokens\":0}", "`max_tokens`"},
            {HELLO + ",\"max_tokens\":1.5}", "whole number"},
            {HELLO + ",\"n\":2}", "unsupported"},
            {HELLO + ",\"tools\":[{}]}", "unsupported"},
            {HELLO + ",\"response_format\":{\"type\":\"json_schema\"}}", "unsupported"},
            {HELLO.replace("user", "tool") + "}", "unsupported"},
            {HELLO.replace("zero trust", "zero trust ".repeat(2000)) + "}", "context_length"},
        };
        for (String[] each : cases) {
            UpstreamResponse response = send(gateway, DEMO, "/v1/chat/completions", each[0]);
            assertThat(response.status()).as(each[1]).isEqualTo(400);
            assertThat(text(response)).as(each[1]).contains(each[1]);
        }
    }

    @Test
    void refusesAModelThatDoesNotHoldAndSaysSoInTheJournal() throws Exception {
        ModelRef broken = new ModelRef("broken", 1);
        byte[] bytes = TinyModel.gguf(3, false);
        models.put(broken, Arrays.copyOf(bytes, bytes.length / 2));
        UpstreamResponse response = send(gateway, broken, "/v1/chat/completions", HELLO + "}");
        assertThat(response.status()).isEqualTo(503);
        assertThat(text(response)).contains("model_refused", "outside the file");
        assertThat(audit.changes()).contains("refused broken@1");
        assertThat(node.load(new ModelRef("absent", 1)))
                .isInstanceOf(NodeProcess.LoadOutcome.NotLoaded.class);
        assertThat(audit.changes()).contains("refused absent@1");
    }

    @Test
    void servesNothingThatTheJournalCannotRecord() throws Exception {
        ModelRef tiny = new ModelRef("tiny", 1);
        models.put(tiny, TinyModel.gguf(3, false));
        int before = models.open.get();
        audit.down = true;
        try {
            assertThat(node.load(tiny))
                    .isEqualTo(
                            new NodeProcess.LoadOutcome.NotLoaded(
                                    "unavailable", "the journal cannot record the load"));
        } finally {
            audit.down = false;
        }
        assertThat(models.open).hasValue(before);
    }

    @Test
    void unloadingWipesTheWeights() throws Exception {
        ModelRef tiny = new ModelRef("tiny", 2);
        models.put(tiny, TinyModel.gguf(3, false));
        String body = "{\"model\":\"tiny@2\"}";
        post(control, tiny, "/node/v1/load", body);
        int open = models.open.get();
        assertThat(post(control, tiny, "/node/v1/unload", body)).contains("true");
        assertThat(models.open).hasValue(open - 1);
        assertThat(post(control, tiny, "/node/v1/unload", body)).contains("false");
        assertThat(audit.changes()).contains("loaded tiny@2", "unloaded tiny@2");
    }

    @Test
    void whatChangedInMemoryServesNoMore() throws Exception {
        ModelRef sound = new ModelRef("tiny", 3);
        ModelRef changed = new ModelRef("tiny", 4);
        byte[] bytes = TinyModel.gguf(3, false);
        models.put(sound, bytes);
        models.put(changed, bytes);
        assertThat(node.load(sound)).isInstanceOf(NodeProcess.LoadOutcome.Loaded.class);
        assertThat(node.load(changed)).isInstanceOf(NodeProcess.LoadOutcome.Loaded.class);
        int open = models.open.get();
        node.reverify();
        assertThat(models.open).hasValue(open);

        models.disturb(changed, bytes.length - 1);
        node.reverify();

        assertThat(models.open).hasValue(open - 1);
        assertThat(audit.changes()).contains("refused tiny@4", "unloaded tiny@4");
        assertThat(audit.changes()).doesNotContain("refused tiny@3");
        assertThat(post(control, sound, "/node/v1/unload", "{\"model\":\"tiny@3\"}"))
                .contains("true");
    }

    @Test
    void aClientThatLeavesGivesItsPlaceBack() throws Exception {
        post(gateway, DEMO, "/v1/chat/completions", HELLO + "}");
        // There are two places and no queue, so places that were not given back would show.
        for (int round = 0; round < 6; round++) {
            UpstreamResponse response = send(gateway, DEMO, "/v1/chat/completions", STORY);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.stream().read()).isPositive();
            response.cancel();
            awaitFree();
        }
    }

    private void awaitFree() throws Exception {
        Instant until = CLOCK.instant().plusSeconds(30);
        while (!status().contains("\"active\":0") || status().contains("\"active\":1")) {
            assertThat(CLOCK.instant()).isBefore(until);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private String status() throws Exception {
        Headers none = Headers.none();
        Duration patience = Duration.ofSeconds(20);
        return text(control.send("GET", "/node/v1/status", none, new byte[0], patience));
    }

    @Test
    void tellsWhatItServes() throws Exception {
        post(gateway, DEMO, "/v1/chat/completions", HELLO + "}");
        assertThat(status())
                .contains("\"node\":\"node-1\"", "\"model\":\"atlas-demo@1\"", "memory_locked");
        Headers none = Headers.none();
        Duration patience = Duration.ofSeconds(20);
        assertThat(text(gateway.send("GET", "/v1/models", none, new byte[0], patience)))
                .contains("\"id\":\"atlas-demo\"", "\"digest\":\"");
    }
}
