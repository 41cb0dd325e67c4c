/** May they: the policy decision point. */
package atlas.policy;
