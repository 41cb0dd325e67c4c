package atlas.gateway;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.Principal;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.Operation;
import atlas.runtime.http.Exchange;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one request so far: only so that its refusal, failure or outcome can be
 * recorded and logged truthfully. No step takes its permission from here. Written by the thread of
 * the request before the answer begins, read by whoever ends it.
 */
final class Trip {
    private final Exchange exchange;
    private final String operation;
    private final boolean inference;
    private final Dialect dialect;
    private final long startedNanos;
    private Step step = Step.AUTHENTICATE;
    private @Nullable Principal caller;
    private @Nullable InferenceRequest request;
    private @Nullable GuardReport promptReport;
    private @Nullable ModelIdentity model;
    private @Nullable Outcomes outcomes;
    private Meter meter = Meter.FREE;
    private String policy = "";
    private String node = "";
    private boolean began;

    /** A trip to a model. */
    Trip(Exchange exchange, Operation operation, long startedNanos) {
        this(exchange, operation.wireName(), true, Dialect.OPENAI, startedNanos);
    }

    /** A trip to a model whose caller speaks this dialect. */
    Trip(Exchange exchange, String operation, Dialect dialect, long startedNanos) {
        this(exchange, operation, true, dialect, startedNanos);
    }

    /** A trip to anything else. */
    Trip(Exchange exchange, String operation, long startedNanos) {
        this(exchange, operation, false, Dialect.of(exchange.path()), startedNanos);
    }

    private Trip(
            Exchange exchange,
            String operation,
            boolean inference,
            Dialect dialect,
            long startedNanos) {
        this.exchange = exchange;
        this.operation = operation;
        this.inference = inference;
        this.dialect = dialect;
        this.startedNanos = startedNanos;
    }

    Exchange exchange() {
        return exchange;
    }

    /** In whose words the caller is answered. */
    Dialect dialect() {
        return dialect;
    }

    String operation() {
        return operation;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    void at(Step next) {
        step = next;
    }

    Step step() {
        return step;
    }

    void knows(Principal principal) {
        caller = principal;
    }

    Optional<Principal> caller() {
        return Optional.ofNullable(caller);
    }

    Actor actor() {
        Principal known = caller;
        return known == null
                ? new Actor("", Principal.DEFAULT_TENANT, "none", "", exchange.source())
                : Actor.of(known, exchange.source());
    }

    void knows(InferenceRequest read) {
        request = read;
    }

    Optional<InferenceRequest> request() {
        return Optional.ofNullable(request);
    }

    void decidedBy(String id) {
        policy = id;
    }

    /** What decided, with the version in force; empty while nothing has. */
    String policy() {
        return policy;
    }

    void knows(GuardReport report) {
        promptReport = report;
    }

    GuardReport promptReport() {
        GuardReport report = promptReport;
        return report == null ? GuardReport.skipped(0) : report;
    }

    void knows(ModelIdentity admitted) {
        model = admitted;
    }

    /** The model as far as it is known: its version once admitted, else the name asked for. */
    String modelName() {
        InferenceRequest asked = request;
        if (model != null) {
            return model.ref().toString();
        }
        return asked == null ? "" : asked.model();
    }

    void knows(Meter held) {
        meter = held;
    }

    Meter meter() {
        return meter;
    }

    /** The intent is durable; from here on the trip ends with an outcome. */
    void knows(Outcomes recorded) {
        outcomes = recorded;
    }

    Optional<Outcomes> outcomes() {
        return Optional.ofNullable(outcomes);
    }

    /** The head of a streamed answer is leaving: no other answer can be given. */
    void begin() {
        began = true;
    }

    boolean began() {
        return began;
    }

    /** Whether a model is asked, so that a refusal is a fact for the journal. */
    boolean inference() {
        return inference;
    }

    void sentTo(String backend) {
        node = backend;
    }

    String node() {
        return node;
    }
}
