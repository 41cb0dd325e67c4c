/**
 * Keys: a key encryption key somebody else holds, a key per tenant below it, keys per purpose below
 * that, all versioned; and the two formats that seal data under them.
 *
 * <p>The door: {@link atlas.vault.KeyVault}, with {@link atlas.vault.KekProvider} as the port to
 * whoever holds the KEK. What never happens here: a key written in the clear (the file of {@link
 * atlas.vault.FileKek} is the one exception and says so), plaintext written to a file, a ciphertext
 * that opens under two keys. Standards: AES-256-GCM (SP 800-38D), HKDF (RFC 5869), FLOE (C2SP).
 */
package atlas.vault;
