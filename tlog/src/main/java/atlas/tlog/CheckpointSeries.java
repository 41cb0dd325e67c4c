package atlas.tlog;

import atlas.core.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text of one file of kept checkpoints. It is signed as a note of its own, names its place in
 * the series and the file before, so that none can be taken out, put in or moved.
 *
 * @param number of the file, from 0
 * @param before SHA-256 of the file before, byte for byte; zeros in the first
 * @param kept at least one, each longer than the one before
 */
public record CheckpointSeries(String origin, long number, Digest before, List<Kept> kept) {
    /** Checkpoints in a full file. */
    public static final int WIDTH = 64;

    // No checkpoint begins like this: a log's name has no white space.
    private static final String HEADER = "atlas kept checkpoints v1";
    private static final int PREAMBLE = 4;

    public CheckpointSeries {
        kept = List.copyOf(kept);
    }

    /**
     * One checkpoint as it was published.
     *
     * @param signatures as in its note: four bytes of the key's id, then the signature
     */
    public record Kept(long size, Digest root, List<String> signatures) {
        public Kept {
            signatures = List.copyOf(signatures);
        }

        /** What is kept of a signed note. */
        public static Kept of(String note) throws MalformedException {
            SignedNote signed =
                    SignedNote.parse(note.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            CheckpointText text = CheckpointText.parse(signed.text());
            List<String> signatures =
                    signed.lines().stream()
                            .map(line -> Base64.getEncoder().encodeToString(line.signature()))
                            .toList();
            return new Kept(text.size(), text.root(), signatures);
        }

        /** The signed note again. */
        public String note(String origin) {
            return new CheckpointText(origin, size, root).text()
                    + "\n"
                    + signatures.stream()
                            .map(signature -> "\u2014 " + origin + " " + signature + "\n")
                            .collect(Collectors.joining());
        }

        private String line() {
            return size
                    + " "
                    + Base64.getEncoder().encodeToString(root.bytes())
                    + " "
                    + String.join(" ", signatures)
                    + "\n";
        }
    }

    /** The text that is signed. */
    public String text() {
        return HEADER
                + "\n"
                + origin
                + "\n"
                + number
                + "\n"
                + Base64.getEncoder().encodeToString(before.bytes())
                + "\n"
                + kept.stream().map(Kept::line).collect(Collectors.joining());
    }

    /** Reads a signed file and checks that {@code key} signed it for its own log. */
    public static CheckpointSeries verified(byte[] note, NoteVerifierKey key)
            throws MalformedException {
        SignedNote signed = SignedNote.parse(note);
        signed.verify(List.of(key));
        CheckpointSeries series = parse(signed.text());
        if (!series.origin().equals(key.name())) {
            throw new MalformedException(
                    "the checkpoints are of `"
                            + series.origin()
                            + "`, the key of `"
                            + key.name()
                            + "`");
        }
        return series;
    }

    private static CheckpointSeries parse(String text) throws MalformedException {
        List<String> lines = Arrays.asList(text.split("\n", -1));
        int end = lines.size() - 1;
        if (end <= PREAMBLE || end > PREAMBLE + WIDTH || !lines.getFirst().equals(HEADER)) {
            throw new MalformedException("not a file of kept checkpoints");
        }
        List<Kept> kept = new ArrayList<>();
        long last = -1;
        for (String line : lines.subList(PREAMBLE, end)) {
            Kept next = kept(line);
            if (next.size() <= last) {
                throw new MalformedException("kept checkpoints do not grow");
            }
            last = next.size();
            kept.add(next);
        }
        return new CheckpointSeries(
                lines.get(1),
                StrictText.decimal(lines.get(2), "the number of kept checkpoints"),
                digest(lines.get(3)),
                kept);
    }

    private static Kept kept(String line) throws MalformedException {
        List<String> parts = Arrays.asList(line.split(" ", -1));
        if (parts.size() < 3) {
            throw new MalformedException("a kept checkpoint has size, root and signature");
        }
        List<String> signatures = parts.subList(2, parts.size());
        for (String signature : signatures) {
            StrictText.base64(signature, "a kept signature");
        }
        return new Kept(
                StrictText.decimal(parts.get(0), "a kept size"), digest(parts.get(1)), signatures);
    }

    private static Digest digest(String text) throws MalformedException {
        byte[] bytes = StrictText.base64(text, "a kept hash");
        if (bytes.length != Digest.BYTES) {
            throw new MalformedException("a kept hash has not 32 bytes");
        }
        return Digest.of(bytes);
    }
}
