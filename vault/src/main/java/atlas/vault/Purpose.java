package atlas.vault;

/** What a key is for; keys of one purpose open nothing of another. */
public enum Purpose {
    /** Journal entries. */
    JOURNAL,
    /** Model weights and the registry's records of them. */
    WEIGHTS,
    /** The control plane's store. */
    STORE,
    /** Tokens and credentials. */
    TOKENS,
    /** Certificates and signing keys of the trust root. */
    TRUST_ROOT,
    /** Embeddings. */
    EMBEDDINGS
}
