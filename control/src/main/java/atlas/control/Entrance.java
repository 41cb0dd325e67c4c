package atlas.control;

import atlas.control.api.Callers;
import atlas.control.api.ConsoleFiles;
import atlas.control.api.RefusalLedger;
import atlas.control.api.SessionDoor;
import atlas.control.api.Shell;
import atlas.control.login.Door;
import atlas.control.login.SameOrigin;
import atlas.control.login.Sessions;
import atlas.control.login.SignIn;
import atlas.control.login.oidc.OidcDoor;
import atlas.control.saml.SamlDoor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How one gets in at the control plane: credentials, sessions, and the doors through which people
 * sign in.
 */
record Entrance(Callers callers, Shell shell) {

    /** Opens them, and {@code others} beside them. */
    static Entrance open(
            ControlParts parts, Sessions sessions, RefusalLedger refusals, List<Door> others) {
        ControlParts.Login login = parts.login();
        SameOrigin sameOrigin = new SameOrigin(login.config().origin());
        Callers callers = new Callers(parts.authenticator(), sessions, sameOrigin, refusals);
        SignIn signIn = new SignIn(sessions);
        OidcDoor oidc = new OidcDoor(login.oidc(), signIn, sameOrigin, parts.clock());
        List<Door> doors = new ArrayList<>(others);
        doors.add(oidc);
        List<Map<String, Object>> shown = new ArrayList<>(oidc.shown());
        login.saml()
                .ifPresent(saml -> {
                    SamlDoor door = new SamlDoor(saml, signIn, sameOrigin, parts.clock());
                    doors.add(door);
                    shown.addAll(door.shown());
                });
        requireDifferentNames(shown);
        Map<String, Object> ways = new LinkedHashMap<>();
        ways.put("providers", shown);
        login.config().device().ifPresent(device -> ways.put("device", view(device)));
        SessionDoor session =
                new SessionDoor(callers, signIn, sameOrigin, parts.trust().apiKeys(), ways);
        return new Entrance(callers, new Shell(new ConsoleFiles(), session, doors));
    }

    // A name stands for one provider in records and in what a provider may end.
    private static void requireDifferentNames(List<Map<String, Object>> shown) {
        Set<Object> names = new HashSet<>();
        for (Map<String, Object> provider : shown) {
            if (!names.add(provider.getOrDefault("name", ""))) {
                throw new IllegalArgumentException(
                        "two sign-in providers are called `" + provider.get("name") + "`");
            }
        }
    }

    private static Map<String, Object> view(LoginConfig.Device device) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("issuer", device.issuer());
        view.put("client_id", device.clientId());
        view.put("scopes", device.scopes());
        return view;
    }
}
