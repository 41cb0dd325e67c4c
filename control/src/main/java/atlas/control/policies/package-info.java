/** Keeping the policy file: reading, following, putting into force, remembering, recording. */
package atlas.control.policies;
