package atlas.identity.token;

import atlas.core.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The keys that sign tokens: one at a time, a new one at a fixed cadence.
 *
 * <p>A new key is published before it signs, so that whoever keeps the published set for a while
 * knows it in time; an old one stays published while any token it signed may live, and is then
 * forgotten. Every change is kept before it is used: a key that could not be kept signs nothing.
 * Thread-safe; blocks only where a change is kept.
 */
final class TokenKeys implements AtlasTokens.Keys {
    /** How long before it signs a key is published. */
    static final Duration AHEAD = Duration.ofMinutes(5);

    private static final int FORMAT = 1;
    private static final int MAX_KEYS = 64;

    private final AtlasTokens.Keeping keeping;
    private final Duration cadence;
    private final Clock clock;
    private volatile List<Signer> signers;

    /** A key with the time in which it signs; an end that is not known yet is the far future. */
    record Signer(KeyPair pair, Jwk jwk, Instant signsFrom, Instant signsUntil) {
        String id() {
            return jwk.thumbprint();
        }

        Instant publishedUntil() {
            return signsUntil.equals(Instant.MAX)
                    ? Instant.MAX
                    : signsUntil.plus(AtlasTokens.Rules.MAX_LIFETIME).plus(AtlasTokens.Rules.SKEW);
        }

        Signer until(Instant end) {
            return new Signer(pair, jwk, signsFrom, end);
        }
    }

    private TokenKeys(
            AtlasTokens.Keeping keeping, Duration cadence, Clock clock, List<Signer> signers) {
        this.keeping = keeping;
        this.cadence = cadence;
        this.clock = clock;
        this.signers = List.copyOf(signers);
    }

    /** The keys kept, or a first one. */
    static TokenKeys open(AtlasTokens.Keeping keeping, Duration cadence, Clock clock) {
        Optional<byte[]> kept = keeping.read();
        TokenKeys keys =
                new TokenKeys(
                        keeping, cadence, clock, kept.isPresent() ? decode(kept.get()) : List.of());
        if (keys.signers.isEmpty()) {
            Instant now = clock.instant();
            keys.keep(List.of(fresh(now)), "created");
        }
        return keys;
    }

    private static Signer fresh(Instant from) {
        KeyPair pair = EcSignatures.newPair();
        return new Signer(pair, Jwk.of(pair.getPublic()), from, Instant.MAX);
    }

    /** The key that signs now. */
    Signer current() {
        Instant now = clock.instant();
        List<Signer> known = signers;
        Signer last = known.getLast();
        if (last.signsFrom.plus(cadence).minus(AHEAD).isAfter(now)) {
            return signingAt(known, now);
        }
        return signingAt(rotate(now), now);
    }

    private static Signer signingAt(List<Signer> known, Instant now) {
        for (Signer signer : known.reversed()) {
            if (!signer.signsFrom.isAfter(now)) {
                return signer;
            }
        }
        // Only after the clock was set back; the oldest key was published first.
        return known.getFirst();
    }

    private synchronized List<Signer> rotate(Instant now) {
        Signer last = signers.getLast();
        if (last.signsFrom.plus(cadence).minus(AHEAD).isAfter(now)) {
            return signers;
        }
        Instant planned = last.signsFrom.plus(cadence);
        Instant begins = planned.isBefore(now.plus(AHEAD)) ? now.plus(AHEAD) : planned;
        List<Signer> next = new ArrayList<>(published(now));
        next.remove(last);
        next.add(last.until(begins));
        next.add(fresh(begins));
        keep(next, "rotated");
        return signers;
    }

    /** Drops every key at once and signs with a new one: every token so far is worth nothing. */
    synchronized void replaceAll() {
        List<Signer> only = List.of(fresh(clock.instant()));
        // Even if it cannot be kept: what may be in wrong hands must not count any more.
        signers = only;
        keep(only, "replaced");
    }

    private void keep(List<Signer> next, String change) {
        List<Signer> bounded =
                next.size() > MAX_KEYS ? next.subList(next.size() - MAX_KEYS, next.size()) : next;
        byte[] encoded = encode(bounded);
        keeping.write(encoded, change, bounded.getLast().id());
        Arrays.fill(encoded, (byte) 0);
        signers = List.copyOf(bounded);
    }

    private List<Signer> published(Instant now) {
        return signers.stream().filter(s -> now.isBefore(s.publishedUntil())).toList();
    }

    @Override
    public Optional<PublicKey> find(String keyId) {
        Instant now = clock.instant();
        for (Signer signer : signers) {
            if (signer.id().equals(keyId) && now.isBefore(signer.publishedUntil())) {
                return Optional.of(signer.pair.getPublic());
            }
        }
        return Optional.empty();
    }

    /** The JWK set (RFC 7517 §5) of every key whose tokens may live, and of the one to come. */
    byte[] jwks() {
        current();
        List<Signer> known = published(clock.instant());
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeArrayFieldStart("keys");
            for (Signer signer : known) {
                out.writeStartObject();
                signer.jwk.write(out);
                out.writeStringField("use", "sig");
                out.writeStringField("alg", EcSignatures.ALGORITHM);
                out.writeStringField("kid", signer.id());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static byte[] encode(List<Signer> signers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeInt(signers.size());
            for (Signer signer : signers) {
                write(signer.pair.getPrivate().getEncoded(), out);
                write(signer.pair.getPublic().getEncoded(), out);
                out.writeLong(signer.signsFrom.toEpochMilli());
                boolean open = signer.signsUntil.equals(Instant.MAX);
                out.writeLong(open ? Long.MAX_VALUE : signer.signsUntil.toEpochMilli());
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory takes bytes", e);
        }
        return bytes.toByteArray();
    }

    private static List<Signer> decode(byte[] encoded) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
            int format = in.readUnsignedByte();
            int count = in.readInt();
            if (format != FORMAT || count < 1 || count > MAX_KEYS) {
                throw new IllegalStateException("token keys of another format");
            }
            List<Signer> signers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                KeyPair pair = EcSignatures.pair(read(in), read(in));
                Instant from = Instant.ofEpochMilli(in.readLong());
                long until = in.readLong();
                signers.add(
                        new Signer(
                                pair,
                                Jwk.of(pair.getPublic()),
                                from,
                                until == Long.MAX_VALUE
                                        ? Instant.MAX
                                        : Instant.ofEpochMilli(until)));
            }
            return signers;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("kept token keys are not token keys", e);
        }
    }

    private static void write(byte[] part, DataOutputStream out) throws IOException {
        out.writeInt(part.length);
        out.write(part);
    }

    private static byte[] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > 1024) {
            throw new IOException("a part of absurd length");
        }
        return in.readNBytes(length);
    }
}
