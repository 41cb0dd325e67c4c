package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.core.Principal;
import atlas.policy.Action;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vault.VaultStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The key hierarchy: how it stands, and turning a key. */
final class VaultRoutes {
    private final KeyVault vault;

    VaultRoutes(KeyVault vault) {
        this.vault = vault;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/vault",
                        Action.VAULT_STATUS,
                        "vault",
                        "the key hierarchy",
                        _ -> Reply.ok(view(vault.status()))),
                Route.act(
                                "POST",
                                "/api/v1/vault/rotate",
                                Action.VAULT_ROTATE,
                                "vault",
                                "make a new version of a key; old versions still open",
                                this::rotate)
                        .body(
                                required("purpose", STRING, "such as `journal`"),
                                optional("tenant", STRING, "`default` when not given")));
    }

    private Act rotate(Call call) throws Refusal {
        String name = call.input().text("purpose");
        Purpose purpose = purpose(name);
        String tenant = call.input().optionalText("tenant").orElse(Principal.DEFAULT_TENANT);
        if (vault.status().tenants().stream().noneMatch(t -> t.tenant().equals(tenant))) {
            throw Problems.notFound("there is no tenant `" + tenant + "`");
        }
        return new Act(
                "vault:" + tenant + "/" + name,
                Map.of(),
                Map.of("purpose", name, "tenant", tenant),
                () -> {
                    int version = vault.rotate(purpose, tenant);
                    return new Act.Done(
                            Reply.ok(Map.of("purpose", name, "version", version)),
                            Map.of("version", version));
                });
    }

    private static Purpose purpose(String name) throws Refusal {
        for (Purpose purpose : Purpose.values()) {
            if (purpose.name().toLowerCase(Locale.ROOT).equals(name)) {
                return purpose;
            }
        }
        throw Problems.invalid(
                "there is no purpose `"
                        + name
                        + "`; purposes are "
                        + List.of(Purpose.values()).toString().toLowerCase(Locale.ROOT));
    }

    static Map<String, Object> view(VaultStatus status) {
        Map<String, Object> kek = new LinkedHashMap<>();
        kek.put("uri", status.kek().uri());
        kek.put("available", status.kek().available());
        kek.put("fingerprint", status.kek().fingerprint());
        kek.put("note", status.kek().note());
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("kek", kek);
        view.put("tenants", status.tenants().stream().map(VaultRoutes::tenant).toList());
        return view;
    }

    private static Map<String, Object> tenant(VaultStatus.TenantStatus tenant) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("tenant", tenant.tenant());
        view.put("keys", tenant.keys().stream().map(VaultRoutes::version).toList());
        view.put(
                "purposes",
                tenant.purposes().stream()
                        .map(p ->
                                Map.of(
                                        "purpose",
                                        p.purpose().name().toLowerCase(Locale.ROOT),
                                        "keys",
                                        p.keys().stream().map(VaultRoutes::version).toList()))
                        .toList());
        return view;
    }

    private static Map<String, Object> version(VaultStatus.KeyStatus key) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("version", key.version());
        view.put("created", key.created().toString());
        view.put("age_seconds", key.age().toSeconds());
        view.put("current", key.current());
        return view;
    }
}
