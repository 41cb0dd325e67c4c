package atlas.core;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An authenticated caller: who it is, what it may be, and the credential that proved it. There is
 * no anonymous principal.
 *
 * @param id stable name, unique in its tenant: {@code alice}, {@code oidc:issuer#subject}, a SPIFFE
 *     ID
 * @param tenant the tenant whose models, keys and journal this caller belongs to
 * @param models which models a consumer credential reaches; everything granted when it holds {@code
 *     *}
 * @param claims what whoever vouches for the caller says of it, for policy to look at
 * @param credential what was presented, by reference; never the secret
 */
public record Principal(
        String id,
        Kind kind,
        String tenant,
        Set<Role> roles,
        List<Glob> models,
        Claims claims,
        Credential credential) {
    /** The tenant of an installation that has only one. */
    public static final String DEFAULT_TENANT = "default";

    public Principal {
        if (id.isEmpty() || id.length() > 512) {
            throw new IllegalArgumentException("a principal id has 1 to 512 characters");
        }
        roles = Set.copyOf(roles);
        models = List.copyOf(models);
    }

    /** A caller of whom nothing more is claimed. */
    public Principal(
            String id,
            Kind kind,
            String tenant,
            Set<Role> roles,
            List<Glob> models,
            Credential credential) {
        this(id, kind, tenant, roles, models, Claims.NONE, credential);
    }

    /**
     * Groups and attributes as an issuer asserts them; they grant nothing by themselves.
     *
     * @param attributes single values by name
     */
    public record Claims(Set<String> groups, Map<String, String> attributes) {
        /** Nothing is claimed. */
        public static final Claims NONE = new Claims(Set.of(), Map.of());

        public Claims {
            groups = Set.copyOf(groups);
            attributes = Map.copyOf(attributes);
        }
    }

    /** What sort of caller this is. */
    public enum Kind {
        HUMAN,
        SERVICE,
        WORKLOAD
    }

    /**
     * The credential that was presented, by reference.
     *
     * @param id key id, token id or certificate serial; safe to print
     * @param issued since when it exists, which is its age
     * @param expires when it stops working
     * @param workload the SPIFFE ID when the caller holds a workload certificate
     * @param key the id of the API key that it is, or that it was exchanged for, whose limits and
     *     end are its own
     */
    public record Credential(
            Kind kind,
            String id,
            Instant issued,
            Instant expires,
            Optional<WorkloadId> workload,
            Optional<String> key) {
        /** One that stands on no other. */
        public Credential(
                Kind kind,
                String id,
                Instant issued,
                Instant expires,
                Optional<WorkloadId> workload) {
            this(
                    kind,
                    id,
                    issued,
                    expires,
                    workload,
                    kind == Kind.API_KEY ? Optional.of(id) : Optional.empty());
        }

        /** What sort of credential. */
        public enum Kind {
            API_KEY,
            /** A token of a configured issuer. */
            JWT,
            CERTIFICATE,
            /** A short-lived token of our own. */
            ATLAS_TOKEN,
            /** A person signed in at the console. */
            SESSION
        }
    }

    /** The same caller over a channel that a workload certificate authenticated. */
    public Principal over(WorkloadId channel) {
        Credential presented =
                new Credential(
                        credential.kind,
                        credential.id,
                        credential.issued,
                        credential.expires,
                        Optional.of(channel),
                        credential.key);
        return new Principal(id, kind, tenant, roles, models, claims, presented);
    }

    /** Whether the caller holds this role. */
    public boolean has(Role role) {
        return roles.contains(role);
    }
}
