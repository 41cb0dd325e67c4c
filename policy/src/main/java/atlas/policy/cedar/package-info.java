/**
 * The policy file: written in Cedar, checked against a schema made from what Atlas knows, evaluated
 * by Cedar's own engine. What is asked of the engine is only what a policy reads, and only the
 * policies whose head fits.
 */
package atlas.policy.cedar;
