package atlas.control.trust;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.json.Json;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeys;
import atlas.policy.Grant;
import atlas.policy.GrantStore;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The first credentials: one short-lived key for each role, in {@code bootstrap.json}, so that
 * somebody can begin. Every change is journaled before it is made. Thread-safe.
 */
public final class BootstrapCredentials {
    /** The file's name in the home directory. */
    public static final String FILE = "bootstrap.json";

    private static final String NOTE = "bootstrap";
    private static final String ADVICE =
            "bootstrap credential, short-lived: issue your own keys, then revoke it with"
                    + " `atlas bootstrap remove`";

    private final HomeDirectory home;
    private final ApiKeys keys;
    private final GrantStore grants;
    private final AuditLog journal;

    public BootstrapCredentials(
            HomeDirectory home, ApiKeys keys, GrantStore grants, AuditLog journal) {
        this.home = home;
        this.keys = keys;
        this.grants = grants;
        this.journal = journal;
    }

    /** Makes a key for each role, in place of any made before. */
    public synchronized void issue(Duration lifetime, Actor by) {
        record(by, "bootstrap.issue", "", "{\"lifetime\":\"" + lifetime + "\"}");
        // What an interrupted attempt left behind is known to nobody.
        takeBack();
        Map<Role, ApiKeys.Issued> issued = new LinkedHashMap<>();
        for (Role role : Role.builtIn()) {
            List<Glob> models = role.equals(Role.CONSUMER) ? List.of(new Glob("*")) : List.of();
            ApiKeys.Issued key =
                    keys.issue(
                            new ApiKeys.KeyRequest(
                                    principal(role),
                                    Principal.Kind.HUMAN,
                                    Principal.DEFAULT_TENANT,
                                    Set.of(role),
                                    models,
                                    lifetime,
                                    NOTE));
            grants.put(
                    new Grant(
                            principal(role),
                            role,
                            models,
                            Principal.DEFAULT_TENANT,
                            Optional.of(key.key().expires())));
            issued.put(role, key);
        }
        home.passed("bootstrap keys");
        home.write(FILE, json(issued));
    }

    /** Revokes them and deletes the file; false when there was nothing to remove. */
    public synchronized boolean remove(Actor by, String requestId) {
        boolean present = present() || keys.list().stream().anyMatch(this::working);
        if (present) {
            journal.append(
                    new AdminAct(
                            requestId,
                            by,
                            "bootstrap.remove",
                            FILE,
                            "allowed",
                            "{\"present\":true}",
                            "{\"present\":false}"));
            removeRecorded();
        }
        return present;
    }

    /** As {@link #remove}, for a caller that has journaled the act already. */
    public synchronized void removeRecorded() {
        takeBack();
        home.delete(FILE);
    }

    /** Whether the file exists; a warning is due while it does. */
    public boolean present() {
        return home.has(FILE);
    }

    /** When the last of them ends; empty when there is no file or it cannot be read. */
    public Optional<Instant> expires() {
        Optional<byte[]> file = home.read(FILE);
        return file.flatMap(BootstrapCredentials::latest);
    }

    private void takeBack() {
        for (ApiKey key : keys.list()) {
            if (working(key)) {
                keys.revoke(key.id());
            }
        }
        for (Role role : Role.builtIn()) {
            grants.remove(principal(role), role);
        }
    }

    private boolean working(ApiKey key) {
        return key.note().equals(NOTE)
                && key.principal().startsWith("bootstrap-")
                && key.revoked().isEmpty();
    }

    private void record(Actor by, String action, String before, String after) {
        journal.append(new AdminAct("", by, action, FILE, "allowed", before, after));
    }

    private static String principal(Role role) {
        return "bootstrap-" + role.wireName().replace('_', '-');
    }

    private static byte[] json(Map<Role, ApiKeys.Issued> issued) {
        byte[] line =
                Json.bytes(out -> {
                    out.useDefaultPrettyPrinter();
                    out.writeStartObject();
                    for (Map.Entry<Role, ApiKeys.Issued> entry : issued.entrySet()) {
                        out.writeObjectFieldStart(entry.getKey().wireName());
                        out.writeStringField("key", entry.getValue().secret().reveal());
                        out.writeStringField(
                                "expires", entry.getValue().key().expires().toString());
                        out.writeStringField("note", ADVICE);
                        out.writeEndObject();
                    }
                    out.writeEndObject();
                    out.writeRaw('\n');
                });
        return line;
    }

    private static Optional<Instant> latest(byte[] file) {
        Instant latest = null;
        try (JsonParser in = Json.factory().createParser(file)) {
            while (in.nextToken() != null) {
                if (in.currentToken() == JsonToken.VALUE_STRING
                        && "expires".equals(in.currentName())) {
                    Instant end = Instant.parse(in.getText());
                    latest = latest == null || end.isAfter(latest) ? end : latest;
                }
            }
            return Optional.ofNullable(latest);
        } catch (IOException | java.time.format.DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
