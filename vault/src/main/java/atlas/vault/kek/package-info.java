/**
 * Whoever may hold the key encryption key, one class each behind {@link atlas.vault.KekProvider}: a
 * file, a PKCS#11 token, and the key services of Vault and three clouds.
 */
@org.jspecify.annotations.NullMarked
package atlas.vault.kek;
