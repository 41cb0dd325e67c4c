package atlas.identity;

import atlas.core.Digest;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.JwtIssuerConfig.SubjectRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who verified claims name, by an issuer's mapping. */
final class ClaimReader {
    private static final List<Glob> EVERY_MODEL = List.of(new Glob("*"));
    private static final int MAX_GROUPS = 200;
    private static final int MAX_TEXT = 256;

    private final JwtIssuerConfig config;
    private final JwtIssuerConfig.Mapping mapping;
    private final Map<String, Object> claims;

    ClaimReader(JwtIssuerConfig config, Map<String, Object> claims) {
        this.config = config;
        this.mapping = config.mapping();
        this.claims = claims;
    }

    /**
     * The caller.
     *
     * @param expires when the credential ends, the clock difference included
     */
    Principal principal(Digest digest, Instant issued, Instant expires) throws JwtException {
        String name = name();
        String id = "oidc:" + config.issuer() + "#" + name;
        if (!PrincipalName.isPlain(id)) {
            throw new JwtException("token_principal_malformed");
        }
        Optional<SubjectRule> rule = rule(name);
        Set<Role> roles = new HashSet<>(roles());
        rule.ifPresent(r -> roles.addAll(r.roles()));
        return new Principal(
                id,
                rule.map(SubjectRule::kind).orElse(mapping.kind()),
                mapping.tenant(),
                roles,
                models(rule),
                new Principal.Claims(groups(), attributes()),
                new Principal.Credential(
                        Principal.Credential.Kind.JWT,
                        credentialId(digest),
                        issued,
                        expires,
                        Optional.empty()));
    }

    private String name() throws JwtException {
        if (!(claim(claims, mapping.principalClaim()) instanceof String name) || name.isEmpty()) {
            throw new JwtException("token_principal_missing");
        }
        // Whoever may write any address into their profile is not thereby its owner.
        if (mapping.principalClaim().equals("email")
                && !Boolean.TRUE.equals(claims.get("email_verified"))) {
            throw new JwtException("token_email_not_verified");
        }
        return name;
    }

    private Optional<SubjectRule> rule(String name) throws JwtException {
        if (mapping.subjects().isEmpty()) {
            return Optional.empty();
        }
        for (SubjectRule rule : mapping.subjects()) {
            if (rule.subject().matches(name) && allMatch(rule.claims())) {
                return Optional.of(rule);
            }
        }
        throw new JwtException("token_subject_unknown");
    }

    private boolean allMatch(Map<String, Glob> wanted) {
        for (Map.Entry<String, Glob> each : wanted.entrySet()) {
            String text = text(claim(claims, each.getKey()));
            if (text == null || !each.getValue().matches(text)) {
                return false;
            }
        }
        return true;
    }

    private Set<Role> roles() {
        Set<Role> roles = new HashSet<>();
        if (mapping.rolesClaim().isPresent()) {
            for (String name : strings(claim(claims, mapping.rolesClaim().get()))) {
                Role role = mapping.roles().get(name);
                if (role != null) {
                    roles.add(role);
                }
            }
        }
        return roles;
    }

    private List<Glob> models(Optional<SubjectRule> rule) {
        if (rule.isPresent() && !rule.get().models().isEmpty()) {
            return rule.get().models();
        }
        if (mapping.modelsClaim().isEmpty()) {
            return EVERY_MODEL;
        }
        List<Glob> models = new ArrayList<>();
        for (String pattern : strings(claim(claims, mapping.modelsClaim().get()))) {
            if (!pattern.isEmpty() && pattern.length() <= 200) {
                models.add(new Glob(pattern));
            }
        }
        return models;
    }

    private Set<String> groups() throws JwtException {
        Set<String> groups = new TreeSet<>();
        if (mapping.groupsClaim().isPresent()) {
            for (String group : strings(claim(claims, mapping.groupsClaim().get()))) {
                if (!group.isEmpty() && group.length() <= MAX_TEXT) {
                    groups.add(group);
                }
            }
        }
        if (groups.size() > MAX_GROUPS) {
            // Leaving some out could leave out the one that a policy forbids something to.
            throw new JwtException("token_too_many_groups");
        }
        return groups;
    }

    private Map<String, String> attributes() throws JwtException {
        Map<String, String> attributes = new HashMap<>();
        for (Map.Entry<String, String> each : mapping.attributes().entrySet()) {
            String text = text(claim(claims, each.getValue()));
            if (text != null) {
                if (text.length() > MAX_TEXT) {
                    throw new JwtException("token_attribute_too_long");
                }
                attributes.put(each.getKey(), text);
            }
        }
        return attributes;
    }

    // The longest name first: namespaced claims are URLs or DNS names, and these have dots.
    static @Nullable Object claim(Map<?, ?> within, String path) {
        Object whole = within.get(path);
        if (whole != null) {
            return whole;
        }
        for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
            if (within.get(path.substring(0, dot)) instanceof Map<?, ?> inner) {
                return claim(inner, path.substring(dot + 1));
            }
        }
        return null;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String || value instanceof Boolean || value instanceof Number
                ? String.valueOf(value)
                : null;
    }

    // A list of strings, or one string of names with spaces between, as OAuth scopes are.
    private static List<String> strings(@Nullable Object value) {
        if (value instanceof String text) {
            return List.of(text.trim().split("\\s+"));
        }
        List<String> list = new ArrayList<>();
        if (value instanceof Collection<?> many) {
            for (Object one : many) {
                if (one instanceof String text) {
                    list.add(text);
                }
            }
        }
        return list;
    }

    private String credentialId(Digest digest) {
        return claims.get("jti") instanceof String id && isPlainId(id)
                ? id
                : "sha256:" + digest.hex().substring(0, 16);
    }

    private static boolean isPlainId(String id) {
        if (id.isEmpty() || id.length() > 64) {
            return false;
        }
        return id.chars()
                .allMatch(c ->
                        (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || "._:-".indexOf(c) >= 0);
    }
}
