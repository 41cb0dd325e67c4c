package atlas.core.crypto;

import atlas.core.Digest;

/**
 * What sealing an object wrote: both lengths and both digests, taken from the bytes that passed.
 */
public record SealedObject(
        long plaintextBytes, Digest plaintext, long ciphertextBytes, Digest ciphertext) {}
