package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.core.Principal;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.policy.Action;
import atlas.vault.KekProvider;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vault.VaultException;
import atlas.vault.VaultStatus;
import atlas.vault.kek.KekProviders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The key hierarchy: how it stands, and turning a key. */
final class VaultRoutes {
    private final KeyVault vault;
    private final KekProviders keks;
    private final Optional<String> named;

    VaultRoutes(ControlRoutes.Keys keys) {
        this.vault = keys.vault();
        this.keks = keys.keks();
        this.named = keys.named();
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
                                optional(
                                        "purpose",
                                        STRING,
                                        "such as `journal`; the tenant's own key when not given"),
                                optional("tenant", STRING, "`default` when not given")),
                Route.act(
                                "POST",
                                "/api/v1/vault/rekey",
                                Action.VAULT_REKEY,
                                "vault",
                                "put all keys under another key encryption key",
                                this::rekey)
                        .body(required("to", STRING, "its URI, such as `file:keys/kek-2`")));
    }

    private Act rotate(Call call) throws Refusal {
        Optional<String> name = call.input().optionalText("purpose");
        Optional<Purpose> purpose =
                name.isEmpty() ? Optional.empty() : Optional.of(purpose(name.get()));
        String tenant = call.input().optionalText("tenant").orElse(Principal.DEFAULT_TENANT);
        if (!vault.holds(tenant)) {
            throw Problems.notFound("there is no tenant `" + tenant + "`");
        }
        Map<String, Object> what = new LinkedHashMap<>();
        name.ifPresent(given -> what.put("purpose", given));
        what.put("tenant", tenant);
        return new Act(
                "vault:" + tenant + name.map(given -> "/" + given).orElse(""),
                Map.of(),
                what,
                () -> {
                    int version =
                            purpose.map(one -> vault.rotate(one, tenant))
                                    .orElseGet(() -> vault.rotateTenant(tenant));
                    Map<String, Object> done = new LinkedHashMap<>(what);
                    done.put("version", version);
                    return new Act.Done(Reply.ok(done), Map.of("version", version));
                });
    }

    private Act rekey(Call call) throws Refusal {
        String to = call.input().text("to");
        try {
            keks.check(to);
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
        String from = vault.kek();
        if (from.equals(to)) {
            throw Problems.conflict("the vault is under `" + to + "` already");
        }
        return new Act(
                "vault:kek",
                Map.of("kek", from),
                Map.of("kek", to),
                () -> {
                    put(to);
                    Map<String, Object> done = new LinkedHashMap<>();
                    done.put("kek", to);
                    done.put("was", from);
                    warning(to).ifPresent(text -> done.put("warning", text));
                    return new Act.Done(Reply.ok(done), Map.of("kek", to));
                });
    }

    /** What would keep the next start from finding the vault where it is now. */
    private Optional<String> warning(String to) {
        return named.filter(name -> !name.equals(to))
                .map(name ->
                        "`vault.kek` in the configuration names `"
                                + name
                                + "`, and the next start will be refused for it; write `kek: \""
                                + to
                                + "\"` there, or take `kek` out");
    }

    private void put(String to) throws Refusal {
        try {
            move(keks.open(to));
        } catch (VaultException | SealBrokenException | IllegalArgumentException e) {
            throw Problems.conflict("nothing changed: " + e.getMessage());
        } catch (KeyUnavailableException e) {
            throw Problems.unavailable("nothing changed: " + e.getMessage());
        }
    }

    private void move(KekProvider to) {
        boolean moved = false;
        try {
            vault.rekey(to);
            moved = true;
        } finally {
            if (!moved) {
                to.close();
            }
        }
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
        status.withheld().ifPresent(why -> view.put("withheld", why));
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
        key.due()
                .ifPresent(due -> {
                    view.put("due", due.toString());
                    view.put("overdue", !due.isAfter(key.created().plus(key.age())));
                });
        return view;
    }
}
