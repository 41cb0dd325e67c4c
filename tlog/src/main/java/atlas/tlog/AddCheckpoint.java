package atlas.tlog;

import atlas.core.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The body of a C2SP tlog-witness {@code add-checkpoint} request.
 *
 * @param old the size of the checkpoint the proof starts from; 0 for none
 * @param proof that the tree of that size begins the checkpoint's
 * @param checkpoint the signed note
 */
public record AddCheckpoint(long old, List<Digest> proof, String checkpoint) {
    private static final int MOST_HASHES = 63;
    private static final String OLD = "old ";

    public AddCheckpoint {
        proof = List.copyOf(proof);
    }

    /** The body. */
    public byte[] bytes() {
        StringBuilder body = new StringBuilder(OLD).append(old).append('\n');
        for (Digest hash : proof) {
            body.append(Base64.getEncoder().encodeToString(hash.bytes())).append('\n');
        }
        return body.append('\n').append(checkpoint).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads a body; the checkpoint in it is not looked at yet. */
    public static AddCheckpoint parse(byte[] body) throws MalformedException {
        String text = StrictText.utf8(body, "the request");
        int split = text.indexOf("\n\n");
        if (split < 0 || !text.startsWith(OLD)) {
            throw new MalformedException("a request is `old size`, a proof, an empty line, a note");
        }
        String[] lines = text.substring(0, split).split("\n", -1);
        if (lines.length - 1 > MOST_HASHES) {
            throw new MalformedException("a proof has at most 63 hashes");
        }
        long old = StrictText.decimal(lines[0].substring(OLD.length()), "the old size");
        List<Digest> proof = new ArrayList<>();
        for (String line : List.of(lines).subList(1, lines.length)) {
            proof.add(StrictText.hash(line, "a hash of the proof"));
        }
        return new AddCheckpoint(old, proof, text.substring(split + 2));
    }

    /** The note's bytes. */
    public byte[] checkpointBytes() {
        return checkpoint.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether the proof leads from a tree of the old size with this root to the checkpoint's. */
    public boolean leadsFrom(Digest oldRoot, CheckpointText to) {
        return Proofs.consistent(old, to.size(), proof, oldRoot, to.root());
    }
}
