package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.core.Role;
import atlas.identity.ApiKeys;
import atlas.identity.revocation.Revocations.Revocation;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.policy.Action;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Takes credentials back before they end: list what is revoked, revoke more. */
final class RevocationRoutes {
    private static final String PATH = "/api/v1/revocations";

    private final ControlRoutes.Tokens tokens;
    private final ApiKeys keys;

    RevocationRoutes(ControlRoutes.Tokens tokens, ApiKeys keys) {
        this.tokens = tokens;
        this.keys = keys;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        PATH,
                        Action.TOKEN_LIST,
                        "token",
                        "what is revoked and not yet forgotten, and the epoch",
                        this::list),
                Route.read(
                        PATH + "/statement",
                        Action.TOKEN_LIST,
                        "token",
                        "the same, signed, for a door that has no store",
                        _ -> Reply.ok(Map.of("statement", tokens.issuer().statement()))),
                Route.act(
                                "POST",
                                PATH,
                                Action.TOKEN_REVOKE,
                                "token",
                                "revoke a token, a key, a principal's credentials, the tokens of a"
                                        + " grant, or every token",
                                this::revoke)
                        .body(
                                required(
                                        "kind",
                                        STRING,
                                        "`token`, `key`, `principal`, `grant` or `everything`"),
                                optional(
                                        "id",
                                        STRING,
                                        "the token's `jti`, the key's id, or the principal"),
                                optional("role", STRING, "with `grant`: the role"),
                                optional("reason", STRING, "why; at most 200 characters")));
    }

    private Reply list(Call call) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("epoch", tokens.revocations().epoch());
        view.put(
                "revocations",
                tokens.revocations().all().stream()
                        .filter(r -> r.tenant().equals(call.caller().tenant()))
                        .map(RevocationRoutes::view)
                        .toList());
        return Reply.ok(view);
    }

    private Act revoke(Call call) throws Refusal {
        Input input = call.input();
        String wanted = input.text("kind").toLowerCase(Locale.ROOT);
        Kind kind =
                Kind.ofWireName(wanted)
                        .orElseThrow(() ->
                                Problems.invalid(
                                        "`kind` is `token`, `key`, `principal`, `grant` or"
                                                + " `everything`"));
        String id = id(kind, input);
        String reason = input.optionalText("reason").orElse("");
        if (reason.length() > 200 || id.length() > 512) {
            throw Problems.invalid("`reason` has at most 200 characters, `id` at most 512");
        }
        if (kind == Kind.KEY && keys.list().stream().noneMatch(key -> key.id().equals(id))) {
            throw Problems.notFound("there is no key `" + id + "`");
        }
        String tenant = call.caller().tenant();
        return new Act(
                kind.wireName() + ":" + id,
                Map.of(),
                Map.of("state", "revoked", "reason", reason),
                () -> {
                    if (kind == Kind.KEY) {
                        // A key that could be exchanged again would make this worth nothing.
                        keys.revoke(id);
                    }
                    Revocation made = tokens.revocations().revoke(kind, tenant, id, reason);
                    return Act.Done.with(Reply.created(view(made)));
                });
    }

    private static String id(Kind kind, Input input) throws Refusal {
        String id = input.optionalText("id").orElse("");
        if (kind == Kind.EVERYTHING) {
            if (!id.isEmpty()) {
                throw Problems.invalid("`everything` takes no `id`");
            }
            return "*";
        }
        if (id.isEmpty()) {
            throw Problems.invalid("`id` is missing: what is to be revoked");
        }
        if (kind != Kind.GRANT) {
            return id;
        }
        Role role = RoleNames.any(input.optionalText("role").orElse(""));
        return Revocation.grant(id, role.wireName());
    }

    static Map<String, Object> view(Revocation revocation) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("kind", revocation.kind().wireName());
        view.put("id", revocation.id());
        view.put("since", revocation.since().toString());
        view.put("until", revocation.until().toString());
        view.put("epoch", revocation.epoch());
        view.put("reason", revocation.reason());
        return view;
    }
}
