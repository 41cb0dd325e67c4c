package atlas.identity;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.ApiKeys.Cadence;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An API key as it is stored: everything but the secret.
 *
 * @param id public; the part of the key text between the first two underscores
 * @param models the models a consumer reaches with it, if its grants reach them too
 * @param limits where it may be used from, and how much it may use
 * @param expires when it stops working; every key has an end, often a {@link Cadence} before it
 * @param revoked when it was taken back
 * @param replacedBy the key that takes its place while both still work
 * @param lastUsed when it last authenticated somebody, to about a minute
 * @param hash HMAC-SHA-256 under the pepper; useless without it
 */
@SuppressWarnings("ArrayRecordComponent")
public record ApiKey(
        String id,
        String principal,
        Principal.Kind kind,
        String tenant,
        Set<Role> roles,
        List<Glob> models,
        KeyLimits limits,
        Instant issued,
        Instant expires,
        Optional<Instant> revoked,
        Optional<String> replacedBy,
        Optional<Instant> lastUsed,
        String note,
        byte[] hash) {
    public ApiKey {
        roles = Set.copyOf(roles);
        models = List.copyOf(models);
        hash = hash.clone();
        if (hash.length != 32) {
            throw new IllegalArgumentException("a key hash has 32 bytes, not " + hash.length);
        }
        if (!expires.isAfter(issued)) {
            throw new IllegalArgumentException("a key expires after it is issued");
        }
    }

    @Override
    public byte[] hash() {
        return hash.clone();
    }

    /** Whether this hash is the key's, in constant time. */
    boolean hashes(byte[] candidate) {
        return MessageDigest.isEqual(hash, candidate);
    }

    /** Whether it works at that moment, as far as the key itself says; its cadence may say no. */
    public boolean liveAt(Instant now) {
        return revoked.isEmpty() && now.isBefore(expires);
    }

    /** The same key with other limits; for whom only a share of it is. */
    public ApiKey limitedTo(KeyLimits other) {
        return new ApiKey(
                id,
                principal,
                kind,
                tenant,
                roles,
                models,
                other,
                issued,
                expires,
                revoked,
                replacedBy,
                lastUsed,
                note,
                hash);
    }

    ApiKey revokedAt(Instant when) {
        return new ApiKey(
                id,
                principal,
                kind,
                tenant,
                roles,
                models,
                limits,
                issued,
                expires,
                Optional.of(when),
                replacedBy,
                lastUsed,
                note,
                hash);
    }

    ApiKey replacedBy(String successor, Instant newEnd) {
        return new ApiKey(
                id,
                principal,
                kind,
                tenant,
                roles,
                models,
                limits,
                issued,
                newEnd,
                revoked,
                Optional.of(successor),
                lastUsed,
                note,
                hash);
    }

    ApiKey usedAt(Instant when) {
        return new ApiKey(
                id,
                principal,
                kind,
                tenant,
                roles,
                models,
                limits,
                issued,
                expires,
                revoked,
                replacedBy,
                Optional.of(when),
                note,
                hash);
    }

    /** Two keys are the same record when everything is, the hash by its bytes. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ApiKey that
                && id.equals(that.id)
                && principal.equals(that.principal)
                && kind == that.kind
                && tenant.equals(that.tenant)
                && roles.equals(that.roles)
                && models.equals(that.models)
                && limits.equals(that.limits)
                && issued.equals(that.issued)
                && expires.equals(that.expires)
                && revoked.equals(that.revoked)
                && replacedBy.equals(that.replacedBy)
                && lastUsed.equals(that.lastUsed)
                && note.equals(that.note)
                && hashes(that.hash);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "ApiKey[" + id + " of " + principal + "]";
    }
}
