package atlas.registry;

import atlas.core.Digest;

/** One file of a model version: its relative name, its length and the SHA-256 of its plaintext. */
public record FileRecord(String name, long bytes, Digest sha256) {}
