package atlas.journal;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import atlas.tlog.TreeHasher;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a receipt offline, against nothing but the log's verifier key: each part's statement is
 * what the entry is committed to, the entry is what the leaf is made of, the leaf is under a signed
 * tree, and the whole is signed. Never throws on hostile input.
 */
public final class ReceiptVerifier {
    private ReceiptVerifier() {}

    /**
     * One part of a receipt, as it came.
     *
     * @param name {@code intent} or {@code outcome}
     * @param proof absent when no checkpoint covered the entry yet
     */
    public record Part(
            String name,
            long index,
            Digest leaf,
            byte[] entry,
            byte[] salt,
            byte[] statement,
            Optional<String> proof) {}

    /** What does not hold; nothing when the receipt is good. */
    public static List<String> verify(
            String requestId, List<Part> parts, String signed, String vkey) {
        List<String> broken = new ArrayList<>();
        for (Part part : parts) {
            entry(part).ifPresent(why -> broken.add(part.name() + ": " + why));
            proof(part, vkey).ifPresent(why -> broken.add(part.name() + ": " + why));
        }
        signature(requestId, parts, signed, vkey).ifPresent(broken::add);
        return broken;
    }

    private static Optional<String> entry(Part part) {
        byte[] leaf = new TreeHasher().leaf(part.entry());
        if (!Digest.of(leaf).equals(part.leaf())) {
            return Optional.of("the leaf hash is not the entry's");
        }
        try {
            byte[] commitment = Envelope.decode(part.entry()).commitment();
            byte[] of = Committed.commitment(part.salt(), part.statement());
            boolean salted = part.salt().length == Committed.SALT_BYTES;
            return salted && MessageDigest.isEqual(commitment, of)
                    ? Optional.empty()
                    : Optional.of("the entry is not committed to this statement");
        } catch (MalformedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> proof(Part part, String vkey) {
        if (part.proof().isEmpty()) {
            return Optional.empty();
        }
        return switch (ProofVerifier.verify(part.proof().get(), vkey, part.leaf())) {
            case ProofVerification.Holds holds ->
                    holds.index() == part.index()
                            ? Optional.empty()
                            : Optional.of("the proof is of entry " + holds.index());
            case ProofVerification.Broken why -> Optional.of(why.what());
        };
    }

    private static Optional<String> signature(
            String requestId, List<Part> parts, String signed, String vkey) {
        try {
            NoteVerifierKey key = NoteVerifierKey.parse(vkey);
            SignedNote note = SignedNote.parse(signed.getBytes(StandardCharsets.UTF_8));
            note.verify(List.of(key));
            List<ReceiptNote.Line> lines =
                    parts.stream()
                            .map(part ->
                                    new ReceiptNote.Line(
                                            part.name(),
                                            part.index(),
                                            part.leaf(),
                                            Hashes.sha256(part.statement())))
                            .toList();
            return note.text().equals(new ReceiptNote(key.name(), requestId, lines).text())
                    ? Optional.empty()
                    : Optional.of("what is signed is not this receipt");
        } catch (MalformedException e) {
            return Optional.of("signature: " + e.getMessage());
        }
    }
}
