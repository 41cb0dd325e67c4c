package atlas.control.api;

import atlas.control.login.Session;
import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeys.Cadence;
import atlas.identity.KeyLimits;
import atlas.journal.JournalEntry;
import atlas.policy.Grant;
import atlas.registry.ModelVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How things look in answers: snake_case names, ISO-8601 times, never a secret. */
final class Views {
    private Views() {}

    /** A key, how it stands, and by when it has to be rotated. */
    static Map<String, Object> key(ApiKey key, Cadence cadence, Instant now) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", key.id());
        view.put("principal", key.principal());
        view.put("kind", key.kind().name().toLowerCase(java.util.Locale.ROOT));
        view.put("tenant", key.tenant());
        view.put("roles", roles(key.roles()));
        view.put("models", models(key.models()));
        KeyLimits limits = key.limits();
        view.put("sources", limits.sources().stream().map(Cidr::toString).toList());
        put(view, "tokens", limits.tokens());
        put(view, "requests", limits.requests());
        view.put("state", state(cadence.standing(key, now)));
        view.put("issued", key.issued().toString());
        view.put("expires", key.expires().toString());
        view.put("rotate_by", cadence.due(key).toString());
        view.put("ends", cadence.ends(key).toString());
        put(view, "revoked", key.revoked());
        put(view, "replaced_by", key.replacedBy());
        put(view, "last_used", key.lastUsed());
        view.put("note", key.note());
        return view;
    }

    private static String state(Cadence.Standing standing) {
        return standing.name().toLowerCase(java.util.Locale.ROOT);
    }

    static Map<String, Object> grant(Grant grant) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("principal", grant.principal());
        view.put("role", grant.role().wireName());
        view.put("models", models(grant.models()));
        view.put("tenant", grant.tenant());
        put(view, "expires", grant.expires());
        return view;
    }

    static Map<String, Object> caller(Principal caller) {
        Map<String, Object> credential = new LinkedHashMap<>();
        credential.put(
                "kind", caller.credential().kind().name().toLowerCase(java.util.Locale.ROOT));
        credential.put("id", caller.credential().id());
        credential.put("expires", caller.credential().expires().toString());
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("principal", caller.id());
        view.put("kind", caller.kind().name().toLowerCase(java.util.Locale.ROOT));
        view.put("tenant", caller.tenant());
        view.put("roles", roles(caller.roles()));
        view.put("models", models(caller.models()));
        view.put("credential", credential);
        return view;
    }

    static Map<String, Object> session(Session session) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", session.id());
        view.put("principal", session.principal().id());
        view.put("roles", roles(session.principal().roles()));
        view.put("method", session.method());
        view.put("provider", session.provider());
        view.put("source", session.source());
        view.put("opened", session.opened().toString());
        view.put("last_used", session.lastUsed().toString());
        view.put("ends", session.ends().toString());
        return view;
    }

    static Map<String, Object> version(ModelVersion version) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("model", version.ref().toString());
        view.put("name", version.ref().name());
        view.put("version", version.ref().version());
        view.put("state", version.state().name().toLowerCase(java.util.Locale.ROOT));
        view.put("root_digest", version.rootDigest().hex());
        view.put("signer", version.signer());
        view.put("pushed_by", version.pushedBy());
        view.put("pushed", version.pushed().toString());
        put(view, "approved_by", version.approvedBy());
        view.put("bytes", version.bytes());
        view.put(
                "files",
                version.files().stream()
                        .map(file ->
                                Map.of(
                                        "name", file.name(),
                                        "bytes", file.bytes(),
                                        "sha256", file.sha256().hex()))
                        .toList());
        view.put("card", version.card());
        return view;
    }

    static Map<String, Object> entry(JournalEntry entry) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("index", entry.index());
        view.put("when", entry.when().toString());
        view.put("kind", entry.kind());
        view.put("leaf_hash", entry.leafHash().hex());
        view.put("event", new RawJson(entry.json()));
        return view;
    }

    static List<String> roles(Collection<Role> roles) {
        return roles.stream().map(Role::wireName).sorted().toList();
    }

    static List<String> models(Collection<Glob> models) {
        return models.stream().map(Glob::pattern).toList();
    }

    static void put(Map<String, Object> view, String name, Optional<?> value) {
        value.ifPresent(present -> view.put(name, present.toString()));
    }

    /** A list as answers carry lists: in an object, so that a field can be added beside it. */
    static Map<String, Object> list(String name, Collection<?> items) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put(name, new ArrayList<>(items));
        return view;
    }

    /** JSON text that goes into an answer as it is. */
    record RawJson(
            @com.fasterxml.jackson.annotation.JsonRawValue
                    @com.fasterxml.jackson.annotation.JsonValue
                    String json) {}
}
