package atlas.node.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import atlas.node.dialect.StandIn;
import atlas.node.engine.Answer;
import atlas.node.engine.EngineContract;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.ModelFiles;
import atlas.node.engine.Sampling;
import atlas.node.engine.Weights;
import atlas.node.engine.embedded.EmbeddedEngine;
import atlas.runtime.http.UpstreamConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RemoteEngineTest extends EngineContract {
    private static final String KEY = "sk-test";

    private final Weights weights = ModelFiles.weights(ModelFiles.demo());
    private InferenceEngine behind;
    private StandIn server;
    private InferenceEngine engine;

    @BeforeAll
    void open() throws Exception {
        behind = new EmbeddedEngine().open(new EngineSpec("demo", 1024, 4, 4), weights);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = StandIn.listen(any, behind, KEY);
        engine = remote(KEY).open(new EngineSpec("demo", 1024, 4, 0), Weights.none());
    }

    private RemoteEngine remote(String key) throws Exception {
        int port = ((InetSocketAddress) server.address()).getPort();
        Duration minute = Duration.ofMinutes(1);
        UpstreamConfig where =
                new UpstreamConfig(
                        "remote",
                        "127.0.0.1",
                        port,
                        Optional.empty(),
                        Optional.empty(),
                        minute,
                        minute,
                        minute,
                        8,
                        Optional.empty());
        return new RemoteEngine(where, "demo", Optional.of(Sensitive.of(key)), minute);
    }

    @AfterAll
    void close() throws Exception {
        engine.close();
        server.close();
        behind.close();
        weights.close();
    }

    @Override
    protected InferenceEngine engine() {
        return engine;
    }

    @Test
    void neverClaimsToKnowTheWeights() {
        assertThat(engine.capabilities().weights()).isEqualTo("unproven");
        assertThat(engine.capabilities().isolation()).isEqualTo("remote");
    }

    @Test
    void aWrongKeyIsAFaultOfOurs() throws Exception {
        try (InferenceEngine stranger =
                remote("wrong").open(new EngineSpec("demo", 1024, 1, 0), Weights.none())) {
            GenerationRequest request =
                    new GenerationRequest(ask("Hi"), 3, Sampling.greedy(), List.of());
            assertThatThrownBy(() -> stranger.generate(request, new Answer()))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("answered 401");
        }
    }
}
