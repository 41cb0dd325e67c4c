package atlas.control.policies;

import atlas.control.trust.HomeDirectory;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import atlas.core.crypto.Sealer;
import atlas.core.json.Json;
import atlas.policy.Policies;
import atlas.policy.PolicyConfig;
import atlas.policy.PolicyException;
import atlas.policy.PolicyProblem;
import atlas.policy.Rulebook;
import atlas.policy.Surroundings;
import atlas.policy.cedar.PolicyFile;
import atlas.policy.cedar.PolicyFile.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The policy file of an installation: where it comes from, which one is in force, what was refused.
 *
 * <p>Promises: a file comes into force whole, after it was checked and after the journal has it;
 * one that does not hold changes nothing and is recorded. A file named in the configuration is
 * followed, and is then the only source; without one, what was last {@link #put} is kept sealed in
 * the home and in force again after a restart. Thread-safe.
 */
public final class PolicyBook {
    private static final String KEPT = "policies.sealed";
    private static final byte[] CONTEXT = "atlas policies".getBytes(StandardCharsets.UTF_8);

    private final Policies policies = new Policies();
    private final HomeDirectory home;
    private final Sealer sealer;
    private final AuditLog journal;
    private final Clock clock;
    private final Risks risks;
    private volatile PolicyConfig config = PolicyConfig.defaults();
    private volatile Status status;
    private @Nullable FollowedFile followed;

    public PolicyBook(HomeDirectory home, Sealer sealer, AuditLog journal, Clock clock) {
        this.home = home;
        this.sealer = sealer;
        this.journal = journal;
        this.clock = clock;
        this.risks = new Risks(clock);
        risks.onChange(policies::changed);
        this.status = new Status("none", clock.instant(), "", Optional.empty());
    }

    /**
     * Where things stand.
     *
     * @param source {@code none}, {@code api}, or the path of the file
     * @param since when the one in force came into force
     * @param by who put it there; empty when a file did
     * @param refused the newest one that was refused since
     */
    public record Status(String source, Instant since, String by, Optional<Refused> refused) {}

    /** One that did not come into force. */
    public record Refused(Instant at, String by, List<PolicyProblem> problems) {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /** What decisions are made by. */
    public Policies policies() {
        return policies;
    }

    /** How risky principals look. */
    public Risks risks() {
        return risks;
    }

    /** What conditions may ask about. */
    public Surroundings surroundings() {
        return config.surroundings(risks::of);
    }

    /** The network segments that conditions ask about, and their address blocks. */
    public Map<String, Set<String>> segments() {
        return config.segments();
    }

    public Status status() {
        return status;
    }

    /** The file that is followed; then nothing can be put. */
    public Optional<Path> file() {
        return config.file();
    }

    /**
     * Begins with the file of the configuration, or the one kept in the home.
     *
     * @throws PolicyException when it does not hold: nothing was in force before that could stay
     */
    public synchronized void begin(PolicyConfig with) {
        config = with;
        if (with.file().isPresent()) {
            FollowedFile file = new FollowedFile(with.file().get());
            followed = file;
            start(file.path().toString(), file.text());
            file.taken();
            return;
        }
        home.read(KEPT)
                .ifPresent(sealed ->
                        start(
                                "api",
                                new String(sealer.open(sealed, CONTEXT), StandardCharsets.UTF_8)));
    }

    private void start(String source, String text) {
        switch (PolicyFile.read(text)) {
            case Outcome.Accepted(Rulebook rulebook) -> {
                record(Actor.system("policy"), source, "allowed", after(rulebook));
                enforce(source, "", rulebook);
            }
            case Outcome.Refused(List<PolicyProblem> problems) ->
                    throw new PolicyException(
                            "the policy file `" + source + "` does not hold: " + lines(problems),
                            null);
        }
    }

    /** Looks whether the file has changed, and takes it if it holds; called about every second. */
    public synchronized void look() {
        FollowedFile file = followed;
        if (file == null || !file.changed()) {
            return;
        }
        Actor by = Actor.system("policy");
        String source = file.path().toString();
        Optional<String> text = file.readable();
        if (text.isEmpty()) {
            refuse(by, source, unreadable(file));
        } else if (!text.get().equals(policies.current().text())) {
            switch (PolicyFile.read(text.get())) {
                case Outcome.Accepted(Rulebook rulebook) -> {
                    record(by, source, "allowed", after(rulebook));
                    enforce(source, "", rulebook);
                }
                case Outcome.Refused(List<PolicyProblem> problems) -> refuse(by, source, problems);
            }
        }
        // Only now: what could not be recorded is looked at again.
        file.taken();
    }

    private static List<PolicyProblem> unreadable(FollowedFile file) {
        return List.of(
                new PolicyProblem(0, 0, "", "`" + file.path() + "` cannot be read", "put it back"));
    }

    /** Puts a checked file into force and keeps it; the caller has recorded the act. */
    public synchronized void put(Rulebook rulebook, Actor by) {
        if (followed != null) {
            throw new IllegalStateException("a file is followed");
        }
        byte[] text = rulebook.text().getBytes(StandardCharsets.UTF_8);
        home.write(KEPT, sealer.seal(text, CONTEXT));
        enforce("api", by.principal(), rulebook);
    }

    /** Records that a file did not hold. */
    public synchronized void refuse(Actor by, String source, List<PolicyProblem> problems) {
        record(by, source, "refused", problemsJson(problems));
        Status now = status;
        status =
                new Status(
                        now.source(),
                        now.since(),
                        now.by(),
                        Optional.of(new Refused(clock.instant(), by.principal(), problems)));
    }

    private void enforce(String source, String by, Rulebook rulebook) {
        policies.put(rulebook);
        status = new Status(source, clock.instant(), by, Optional.empty());
    }

    private void record(Actor by, String source, String outcome, String after) {
        String before = "{\"version\":\"" + policies.current().version() + "\"}";
        journal.append(
                new AdminAct("", by, "policy.write", "policy:" + source, outcome, before, after));
    }

    private static String after(Rulebook rulebook) {
        return "{\"version\":\"%s\",\"policies\":%d}"
                .formatted(rulebook.version(), rulebook.entries().size());
    }

    private static String problemsJson(List<PolicyProblem> problems) {
        byte[] json =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeArrayFieldStart("problems");
                    for (PolicyProblem problem : problems) {
                        out.writeString(problem.toString());
                    }
                    out.writeEndArray();
                    out.writeEndObject();
                });
        return new String(json, StandardCharsets.UTF_8);
    }

    /** Problems in one line, the first few of them. */
    public static String lines(List<PolicyProblem> problems) {
        String first =
                String.join("; ", problems.stream().limit(5).map(PolicyProblem::toString).toList());
        return problems.size() > 5 ? first + "; and " + (problems.size() - 5) + " more" : first;
    }
}
