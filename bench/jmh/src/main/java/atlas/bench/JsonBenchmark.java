package atlas.bench;

import atlas.core.AuditEvent;
import atlas.core.json.AuditJson;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.InvalidRequest;
import atlas.gateway.openai.Operation;
import atlas.gateway.openai.RequestReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading a request strictly, and writing a fact as the journal keeps it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class JsonBenchmark {
    private final byte[] request =
            """
            {"model":"atlas-demo","stream":true,"max_tokens":64,"messages":[\
            {"role":"system","content":"You are a patient assistant."},\
            {"role":"user","content":"%s"}]}\
            """
                    .formatted(Texts.prose(500))
                    .getBytes(StandardCharsets.UTF_8);
    private final AuditEvent fact = Facts.act(740);

    @Benchmark
    public InferenceRequest readRequest() throws InvalidRequest {
        return RequestReader.read(Operation.CHAT, request);
    }

    @Benchmark
    public byte[] writeFact() {
        return AuditJson.bytes(fact);
    }
}
