package atlas.tlog;

import atlas.core.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A C2SP tlog-proof: entry {@code index} is in the log of this signed checkpoint.
 *
 * @param checkpoint the signed note, as published
 */
public record TlogProof(long index, List<Digest> hashes, String checkpoint) {
    private static final String HEADER = "c2sp.org/tlog-proof@v1\n";
    private static final int MOST_HASHES = 63;

    public TlogProof {
        hashes = List.copyOf(hashes);
    }

    /** The text form, as kept in a {@code .tlog-proof} file. */
    public String text() {
        StringBuilder text = new StringBuilder(HEADER);
        text.append("index ").append(index).append('\n');
        for (Digest hash : hashes) {
            text.append(Base64.getEncoder().encodeToString(hash.bytes())).append('\n');
        }
        return text.append('\n').append(checkpoint).toString();
    }

    /** Reads the text form; an {@code extra} line is allowed and not kept. */
    public static TlogProof parse(String text) throws MalformedException {
        int split = text.indexOf("\n\n");
        if (!text.startsWith(HEADER) || split < HEADER.length()) {
            throw new MalformedException("not a tlog-proof of version 1");
        }
        List<String> lines =
                new ArrayList<>(List.of(text.substring(HEADER.length(), split).split("\n", -1)));
        if (lines.getFirst().startsWith("extra ")) {
            StrictText.base64(lines.removeFirst().substring("extra ".length()), "the extra line");
        }
        if (lines.isEmpty() || !lines.getFirst().startsWith("index ")) {
            throw new MalformedException("the proof names no index");
        }
        long index =
                StrictText.decimal(lines.removeFirst().substring("index ".length()), "the index");
        if (lines.size() > MOST_HASHES) {
            throw new MalformedException("a proof has at most 63 hashes");
        }
        List<Digest> hashes = new ArrayList<>();
        for (String line : lines) {
            hashes.add(StrictText.hash(line, "a hash of the proof"));
        }
        return new TlogProof(index, hashes, text.substring(split + 2));
    }

    /** Whether the hashes lead from this leaf to the root of this checkpoint. */
    public boolean leadsTo(CheckpointText signed, Digest leafHash) {
        return Proofs.included(index, signed.size(), leafHash, hashes, signed.root());
    }

    /** The checkpoint's bytes. */
    public byte[] checkpointBytes() {
        return checkpoint.getBytes(StandardCharsets.UTF_8);
    }
}
