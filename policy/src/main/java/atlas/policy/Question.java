package atlas.policy;

import atlas.core.Principal;
import atlas.core.Role;
import java.time.Instant;
import java.util.Set;

/**
 * One question to a policy file.
 *
 * @param roles the roles the caller acts in: carried by its credential, granted, not expired
 * @param reaching the custom ones among them whose grant reaches the resource
 * @param now when it is asked
 */
public record Question(
        Principal principal,
        Set<Role> roles,
        Set<Role> reaching,
        Action action,
        Resource resource,
        Circumstances circumstances,
        Surroundings surroundings,
        Instant now) {}
