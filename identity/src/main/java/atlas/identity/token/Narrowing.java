package atlas.identity.token;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.Presented.Request;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a token is asked to reach, cut to what its holder reaches: {@code role:NAME} and {@code
 * model:PATTERN} in the scope, one or both doors as audience or resource. Never more than before.
 */
record Narrowing(Set<Role> roles, List<Glob> models, List<String> audiences) {

    /** A wish that cannot be met; {@code code} is of RFC 6749 §5.2 or RFC 8693 §2.2.2. */
    static final class Impossible extends Exception {
        private static final long serialVersionUID = 1L;

        private final String code;

        Impossible(String code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    /**
     * @param before the audiences of the token that is exchanged; both doors otherwise
     */
    static Narrowing of(TokenForm form, Principal holder, List<String> before) throws Impossible {
        Set<Role> roles = new LinkedHashSet<>();
        List<Glob> wished = new ArrayList<>();
        for (String scope : scopes(form)) {
            if (scope.startsWith("role:")) {
                roles.add(role(scope, holder));
            } else if (scope.startsWith("model:")) {
                wished.add(pattern(scope));
            } else {
                throw new Impossible(
                        "invalid_scope",
                        "unknown scope `"
                                + scope
                                + "`; scopes are `role:NAME` and `model:PATTERN`");
            }
        }
        List<Glob> models = wished.isEmpty() ? holder.models() : cut(holder.models(), wished);
        if (!wished.isEmpty() && models.isEmpty()) {
            throw new Impossible("invalid_scope", "this credential reaches none of these models");
        }
        return new Narrowing(
                roles.isEmpty() ? holder.roles() : roles, models, audiences(form, before));
    }

    private static List<String> scopes(TokenForm form) {
        return form.one("scope").map(text -> List.of(text.split(" ", -1))).orElse(List.of());
    }

    private static Role role(String scope, Principal holder) throws Impossible {
        Optional<Role> role = Role.ofWireName(scope.substring("role:".length()));
        if (role.isEmpty() || !holder.has(role.get())) {
            throw new Impossible("invalid_scope", "this credential does not carry `" + scope + "`");
        }
        return role.get();
    }

    private static Glob pattern(String scope) throws Impossible {
        try {
            return new Glob(scope.substring("model:".length()));
        } catch (IllegalArgumentException e) {
            throw new Impossible("invalid_scope", "`" + scope + "` is not a pattern of models");
        }
    }

    /**
     * The patterns that both reach, where one covers the other; where two only overlap, neither: a
     * token may reach less than it could, and never more.
     */
    static List<Glob> cut(List<Glob> held, List<Glob> wished) {
        Set<Glob> both = new LinkedHashSet<>();
        for (Glob wish : wished) {
            for (Glob have : held) {
                if (covers(have, wish)) {
                    both.add(wish);
                } else if (covers(wish, have)) {
                    both.add(have);
                }
            }
        }
        return List.copyOf(both);
    }

    // A star of the narrow pattern can only be matched by a star of the wide one, which then takes
    // whatever that star may stand for.
    private static boolean covers(Glob wide, Glob narrow) {
        return wide.matches(narrow.pattern());
    }

    private static List<String> audiences(TokenForm form, List<String> before) throws Impossible {
        List<String> wished =
                Stream.concat(form.all("audience").stream(), form.all("resource").stream())
                        .map(Narrowing::door)
                        .distinct()
                        .toList();
        if (wished.isEmpty()) {
            // The data plane unless said: a token for models is no token for administration.
            return before.contains(Request.GATEWAY) ? List.of(Request.GATEWAY) : before;
        }
        if (!before.containsAll(wished)) {
            throw new Impossible(
                    "invalid_target",
                    "a token is for `gateway` ("
                            + Request.GATEWAY
                            + ") or `control` ("
                            + Request.CONTROL
                            + ") and for no more than what it is exchanged for");
        }
        return wished;
    }

    private static String door(String name) {
        return switch (name) {
            case "gateway" -> Request.GATEWAY;
            case "control" -> Request.CONTROL;
            default -> name;
        };
    }

    /** The scope of the token, as the answer names it (RFC 6749 §5.1). */
    String scope() {
        return String.join(
                " ",
                Stream.concat(
                                roles.stream().sorted().map(role -> "role:" + role.wireName()),
                                models.stream().map(model -> "model:" + model.pattern()))
                        .toList());
    }
}
