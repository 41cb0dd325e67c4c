/**
 * May they: the policy decision point (NIST SP 800-207).
 *
 * <p>The door is {@link atlas.policy.PolicyDecisionPoint}; {@link atlas.policy.RolePolicy} decides
 * by the five built-in roles and by stored {@linkplain atlas.policy.Grant grants}. A {@link
 * atlas.policy.Decision.Permit} can only be made here, so holding one proves that policy was asked.
 *
 * <p>Never here: authentication, I/O, a role that is not in {@link atlas.core.Role}, a default that
 * allows.
 */
package atlas.policy;
