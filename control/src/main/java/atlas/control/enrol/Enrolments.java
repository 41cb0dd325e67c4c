package atlas.control.enrol;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who may join and who has. A token works once, for minutes; its secret is kept hashed. A workload
 * that was removed is unknown from the next call on, whatever its certificate says. Thread-safe;
 * asking about a workload does no I/O.
 */
public final class Enrolments {
    /** The longest a token may wait for its use. */
    public static final Duration MAX_WAIT = Duration.ofDays(1);

    private final WorkloadTable table;
    private final AuditLog journal;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentSkipListMap<String, Workload> joined = new ConcurrentSkipListMap<>();

    /** Removed, though the table could not be told yet. */
    private final ConcurrentSkipListMap<String, Workload> leaving = new ConcurrentSkipListMap<>();

    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Workload> barred = new TreeMap<>(); // under the lock of this
    private final Map<String, Invitation> invited = new TreeMap<>(); // under the lock of this

    public Enrolments(WorkloadTable table, AuditLog journal, Clock clock) {
        this.table = table;
        this.journal = journal;
        this.clock = clock;
        table.workloads().forEach(w -> joined.put(w.path(), w));
        table.barred().forEach(w -> barred.put(w.path(), w));
        table.invitations().forEach(i -> invited.put(i.id(), i));
    }

    /** A new invitation and, this once, the secret that goes with it. */
    public record Invited(Invitation invitation, Sensitive<byte[]> secret) {}

    /** Invites, also a name that was removed; durable when this returns. */
    public synchronized Invited invite(
            Workload.Role role, String name, List<String> serverNames, Duration wait) {
        if (!wait.isPositive() || wait.compareTo(MAX_WAIT) > 0) {
            throw new IllegalArgumentException(
                    "a join token waits between a moment and a day, not `" + wait + "`");
        }
        serverNames.forEach(Workload::requireServerName);
        Instant now = clock.instant();
        forgetExpired(now);
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        byte[] id = new byte[8];
        random.nextBytes(id);
        Invitation invitation =
                new Invitation(
                        HexFormat.of().formatHex(id),
                        role,
                        name,
                        serverNames,
                        Hashes.sha256(secret).bytes(),
                        now.plus(wait));
        table.put(invitation);
        invited.put(invitation.id(), invitation);
        Workload again = barred.get(Workload.path(role, name));
        if (again != null) {
            table.remove(again);
            barred.remove(again.path());
        }
        return new Invited(invitation, Sensitive.of(secret));
    }

    private void forgetExpired(Instant now) {
        for (Invitation old : List.copyOf(invited.values())) {
            if (!now.isBefore(old.expires())) {
                table.removeInvitation(old.id());
                invited.remove(old.id());
            }
        }
    }

    /** Who would join with this secret, if it is that of a token that waits; it goes on waiting. */
    public synchronized Optional<Workload> waits(String id, Sensitive<byte[]> secret) {
        return waiting(id, secret).map(invitation -> joining(invitation, clock.instant()));
    }

    private static Workload joining(Invitation invitation, Instant now) {
        return new Workload(invitation.role(), invitation.name(), invitation.serverNames(), now);
    }

    private Optional<Invitation> waiting(String id, Sensitive<byte[]> secret) {
        byte[] hash = Hashes.sha256(secret.reveal()).bytes();
        return Optional.ofNullable(invited.get(id))
                .filter(i -> i.hashes(hash))
                .filter(i -> clock.instant().isBefore(i.expires()));
    }

    /**
     * Uses a token up and enrols whoever had it; empty when the secret is not that of a token that
     * waits. Who joined under the same name before is replaced: certificates from before count no
     * more.
     */
    public synchronized Optional<Workload> join(String id, Sensitive<byte[]> secret) {
        Optional<Invitation> waiting = waiting(id, secret);
        if (waiting.isEmpty()) {
            return Optional.empty();
        }
        Invitation invitation = waiting.get();
        Instant now = clock.instant();
        Workload workload = joining(invitation, now);
        record(workload, "join_token", invitation.id());
        // Used up first: a crash in between costs a new token, never a second use of this one.
        table.removeInvitation(id);
        invited.remove(id);
        enrol(workload);
        return Optional.of(workload);
    }

    private void record(Workload workload, String by, String what) {
        byte[] after =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField(by, what);
                    out.writeEndObject();
                });
        journal.append(
                new AdminAct(
                        "",
                        Actor.system("workload" + workload.path()),
                        "workload.join",
                        "workload:" + workload.path(),
                        "allowed",
                        "",
                        new String(after, StandardCharsets.UTF_8)));
    }

    private void enrol(Workload workload) {
        table.put(workload);
        joined.put(workload.path(), workload);
        leaving.remove(workload.path());
        barred.remove(workload.path());
        listeners.forEach(Runnable::run);
    }

    /**
     * Whoever a verified SVID is by these rules, enrolled with its first call; empty when no rule
     * fits, and when this name was removed and not invited again. Does I/O with that first call.
     */
    public Optional<Workload> bySvid(WorkloadId id, SvidRules rules) {
        Optional<SvidRules.Claim> claim = rules.claim(id);
        if (claim.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = claim.get().serverNames();
        return find(id).filter(known -> known.serverNames().equals(names))
                .or(() -> admit(id, claim.get()));
    }

    private synchronized Optional<Workload> admit(WorkloadId id, SvidRules.Claim claim) {
        Optional<Workload> known =
                find(id).filter(w -> w.serverNames().equals(claim.serverNames()));
        if (known.isPresent()) {
            return known;
        }
        if (barred.containsKey(id.path()) || leaving.containsKey(id.path())) {
            return Optional.empty();
        }
        Workload workload =
                new Workload(claim.role(), claim.name(), claim.serverNames(), clock.instant());
        record(workload, "spiffe_id", id.uri());
        enrol(workload);
        return Optional.of(workload);
    }

    /** Runs {@code listener} after somebody joined or was removed; it must not block. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** The workload of this identity, while it is enrolled. */
    public Optional<Workload> find(WorkloadId id) {
        return Optional.ofNullable(joined.get(id.path()));
    }

    /** The workload of this name that can be removed: enrolled, or not yet removed for good. */
    public Optional<Workload> removable(Workload.Role role, String name) {
        String path = Workload.path(role, name);
        return Optional.ofNullable(joined.get(path))
                .or(() -> Optional.ofNullable(leaving.get(path)));
    }

    public List<Workload> list() {
        return List.copyOf(joined.values());
    }

    /**
     * Ends an enrolment, from the next call on, until the name is invited again; even when it
     * throws because the table could not be told: then it holds until the process ends and has to
     * be tried again.
     */
    public synchronized void remove(Workload workload) {
        joined.remove(workload.path());
        leaving.put(workload.path(), workload);
        try {
            table.bar(workload);
            barred.put(workload.path(), workload);
            leaving.remove(workload.path());
        } finally {
            listeners.forEach(Runnable::run);
        }
    }
}
