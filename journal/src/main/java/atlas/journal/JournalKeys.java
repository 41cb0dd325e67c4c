package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.crypto.Sealer;
import atlas.tlog.Cosigner;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteSigner;
import atlas.tlog.NoteVerifierKey;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The keys of one journal: the Ed25519 key that signs its checkpoints, an ML-DSA-44 key that may
 * sign them as well, the sealer of its entries.
 *
 * <p>Immutable and thread-safe. The signing key leaves only sealed, through {@link #export}.
 */
public final class JournalKeys {
    private static final byte[] LABEL =
            "atlas journal signing key v1".getBytes(StandardCharsets.UTF_8);

    private final Optional<NoteSigner> signer;
    private final NoteVerifierKey verifierKey;
    private final Optional<Cosigner> second;
    private final boolean twice;
    private final Sealer entries;

    private JournalKeys(
            NoteSigner signer, Optional<Cosigner> second, boolean twice, Sealer entries) {
        this.signer = Optional.of(signer);
        this.verifierKey = signer.verifierKey();
        this.second = second;
        this.twice = twice;
        this.entries = entries;
    }

    private JournalKeys(NoteVerifierKey verifierKey, Sealer entries) {
        this.signer = Optional.empty();
        this.verifierKey = verifierKey;
        this.second = Optional.empty();
        this.twice = false;
        this.entries = entries;
    }

    /**
     * What it takes to record into a log that others sign.
     *
     * @throws JournalException when {@code vkey} is no verifier key
     */
    public static JournalKeys recording(String vkey, Sealer entries) {
        try {
            return new JournalKeys(NoteVerifierKey.parse(vkey), entries);
        } catch (MalformedException e) {
            throw new JournalException("`" + vkey + "` is no verifier key", e);
        }
    }

    /** New keys for a new log; {@code entries} seals what it records. */
    public static JournalKeys create(String origin, Sealer entries) {
        Cosigner second = Cosigner.generate(origin, Cosigner.Algorithm.ML_DSA_44);
        return new JournalKeys(NoteSigner.generate(origin), Optional.of(second), false, entries);
    }

    /**
     * The keys once exported.
     *
     * @throws JournalException when the bytes open but hold no key pair
     * @throws atlas.core.crypto.SealBrokenException when {@code keys} did not seal them
     */
    public static JournalKeys open(byte[] exported, Sealer keys, Sealer entries) {
        ByteBuffer in = ByteBuffer.wrap(keys.open(exported, LABEL));
        try {
            String origin = new String(part(in), StandardCharsets.UTF_8);
            NoteSigner signer = NoteSigner.of(origin, part(in), part(in));
            Optional<Cosigner> second =
                    in.hasRemaining() ? Optional.of(Cosigner.decode(part(in))) : Optional.empty();
            return new JournalKeys(signer, second, false, entries);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new JournalException("the exported journal key is not one", e);
        }
    }

    /** The signing key, sealed. */
    public byte[] export(Sealer keys) {
        List<byte[]> parts = new ArrayList<>();
        parts.add(origin().getBytes(StandardCharsets.UTF_8));
        parts.add(signer().pkcs8());
        parts.add(signer().spki());
        second.ifPresent(cosigner -> parts.add(cosigner.encoded()));
        int bytes = parts.stream().mapToInt(part -> Short.BYTES + part.length).sum();
        ByteBuffer out = ByteBuffer.allocate(bytes);
        parts.forEach(part -> out.putShort((short) part.length).put(part));
        return keys.seal(out.array(), LABEL);
    }

    private static byte[] part(ByteBuffer in) {
        byte[] part = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(part);
        return part;
    }

    /** The name of the log these keys sign for. */
    public String origin() {
        return verifierKey.name();
    }

    /** The verifier key, in C2SP text form: hand it to whoever will check this log. */
    public String vkey() {
        return verifierKey.toString();
    }

    NoteVerifierKey verifierKey() {
        return verifierKey;
    }

    /** Whether the log's own key is among them. */
    boolean signs() {
        return signer.isPresent();
    }

    /**
     * These keys, signing every checkpoint with ML-DSA-44 as well.
     *
     * @throws JournalException when they have no such key
     */
    public JournalKeys signingTwice(Clock clock) {
        NoteSigner first = signer();
        Cosigner cosigner =
                second.orElseThrow(() ->
                        new JournalException(
                                "the key of this journal has no ML-DSA part: it was made before"
                                        + " there was one; leave `ml-dsa` off"));
        return new JournalKeys(first.with(cosigner, clock), second, true, entries);
    }

    /** The ML-DSA-44 verifier key, when checkpoints are signed with it. */
    public Optional<String> secondVkey() {
        return twice ? second.map(cosigner -> cosigner.verifierKey().toString()) : Optional.empty();
    }

    /** What a log that is signed with these says a checker has to demand of it. */
    AuditEvent.LogChartered charter(boolean shared) {
        return new AuditEvent.LogChartered(vkey(), secondVkey().orElse(""), shared);
    }

    NoteSigner signer() {
        return signer.orElseThrow(
                () -> new JournalException("the key of `" + origin() + "` is kept elsewhere"));
    }

    Sealer entries() {
        return entries;
    }
}
