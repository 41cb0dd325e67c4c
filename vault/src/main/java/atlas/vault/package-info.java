/** Keys: what seals data at rest, and who holds the key to the keys. */
package atlas.vault;
