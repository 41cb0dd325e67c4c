package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.Type.STRINGS;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeys;
import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import atlas.policy.Action;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** API keys: list, issue, rotate, revoke. */
final class KeyRoutes {
    private static final String DEFAULT_LIFETIME = "30d";

    private final ApiKeys keys;
    private final RoleNames names;
    private final Clock clock;

    KeyRoutes(ApiKeys keys, RoleNames names, Clock clock) {
        this.keys = keys;
        this.names = names;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/keys",
                        Action.KEY_LIST,
                        "key",
                        "every API key, without secrets",
                        this::list),
                Route.act(
                                "POST",
                                "/api/v1/keys",
                                Action.KEY_ISSUE,
                                "key",
                                "issue an API key; the secret is in this answer and nowhere else",
                                this::issue)
                        .body(
                                required("principal", STRING, "who the key speaks for"),
                                required("roles", STRINGS, "roles the key carries"),
                                optional("models", STRINGS, "model patterns a consumer reaches"),
                                optional("kind", STRING, "`human` or `service` (default)"),
                                optional("expires", STRING, "lifetime such as `30d` (default)"),
                                optional("sources", STRINGS, "networks it may be used from"),
                                optional("tokens", STRING, "budget such as `1000000/24h`"),
                                optional("requests", STRING, "rate such as `60/1m`"),
                                optional("note", STRING, "what the key is for")),
                Route.act(
                                "POST",
                                "/api/v1/keys/{id}/rotate",
                                Action.KEY_ROTATE,
                                "key",
                                "issue a successor; the old key works on for the overlap",
                                this::rotate)
                        .body(optional("overlap", STRING, "such as `24h`; none by default")),
                Route.act(
                        "DELETE",
                        "/api/v1/keys/{id}",
                        Action.KEY_REVOKE,
                        "key",
                        "revoke a key, at once",
                        this::revoke));
    }

    private Reply list(Call call) {
        List<Map<String, Object>> views = keys.list().stream().map(this::view).toList();
        return Reply.ok(Views.list("keys", views));
    }

    private Act issue(Call call) throws Refusal {
        Input input = call.input();
        ApiKeys.KeyRequest request = request(call, input);
        Map<String, Object> after = new LinkedHashMap<>();
        after.put("principal", request.principal());
        after.put("roles", Views.roles(request.roles()));
        after.put("models", Views.models(request.models()));
        after.put("sources", request.limits().sources().stream().map(Cidr::toString).toList());
        Views.put(after, "tokens", request.limits().tokens());
        Views.put(after, "requests", request.limits().requests());
        after.put("lifetime", request.lifetime().toString());
        after.put("note", request.note());
        return new Act(
                "key:" + request.principal(), Map.of(), after, () -> issued(keys.issue(request)));
    }

    private ApiKeys.KeyRequest request(Call call, Input input) throws Refusal {
        Duration lifetime =
                Times.duration("expires", input.optionalText("expires").orElse(DEFAULT_LIFETIME));
        try {
            return new ApiKeys.KeyRequest(
                    input.text("principal"),
                    kind(input.optionalText("kind").orElse("service")),
                    call.caller().tenant(),
                    names.known(input.texts("roles")),
                    globs(input.texts("models")),
                    limits(input),
                    lifetime,
                    input.optionalText("note").orElse(""));
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static KeyLimits limits(Input input) {
        return new KeyLimits(
                input.texts("sources").stream().map(Cidr::parse).toList(),
                input.optionalText("tokens").map(Allowance::parse),
                input.optionalText("requests").map(Allowance::parse));
    }

    private Map<String, Object> view(ApiKey key) {
        return Views.key(key, keys.cadence(), clock.instant());
    }

    private Act rotate(Call call) throws Refusal {
        ApiKey old = existing(call.variable("id"));
        Duration overlap =
                Times.duration("overlap", call.input().optionalText("overlap").orElse("0s"));
        return new Act(
                "key:" + old.id(),
                view(old),
                Map.of("overlap", overlap.toString()),
                () ->
                        issued(
                                keys.rotate(old.id(), overlap)
                                        .orElseThrow(() ->
                                                Problems.conflict(
                                                        "this key works no more, or has a"
                                                                + " successor already; issue"
                                                                + " another"))));
    }

    private Act revoke(Call call) throws Refusal {
        ApiKey key = existing(call.variable("id"));
        return new Act(
                "key:" + key.id(),
                view(key),
                Map.of("state", "revoked"),
                () -> Act.Done.with(Reply.ok(view(keys.revoke(key.id()).orElse(key)))));
    }

    private ApiKey existing(String id) throws Refusal {
        return keys.list().stream()
                .filter(key -> key.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Problems.notFound("there is no key `" + id + "`"));
    }

    private Act.Done issued(ApiKeys.Issued issued) {
        Map<String, Object> view = view(issued.key());
        view.put("key", issued.secret().reveal());
        return new Act.Done(Reply.created(view), Map.of("id", issued.key().id()));
    }

    static Principal.Kind kind(String text) throws Refusal {
        return switch (text) {
            case "human" -> Principal.Kind.HUMAN;
            case "service" -> Principal.Kind.SERVICE;
            default -> throw Problems.invalid("`kind` is `human` or `service`");
        };
    }

    static List<Glob> globs(List<String> patterns) throws Refusal {
        List<Glob> globs = new ArrayList<>();
        for (String pattern : patterns) {
            try {
                globs.add(new Glob(pattern));
            } catch (IllegalArgumentException e) {
                throw Problems.invalid(String.valueOf(e.getMessage()));
            }
        }
        return globs;
    }
}
