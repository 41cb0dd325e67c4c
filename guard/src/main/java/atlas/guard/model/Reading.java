package atlas.guard.model;

import atlas.guard.signature.Evidence;
import atlas.guard.signature.Signatures;
import atlas.guard.text.Canonical;
import atlas.guard.text.Mark;
import atlas.guard.text.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A view of a text with what the signatures found in it. */
public record Reading(View view, Evidence evidence) {
    /** Characters in a block, the unit that windows are made of. */
    public static final int BLOCK = 96;

    /** All readings of a text. */
    public record All(List<Reading> readings, Set<Mark> marks) {}

    /** Reads a text in every way there is cause for. */
    public static All of(String text, Signatures signatures) {
        Canonical canonical = Canonical.of(text);
        List<Reading> readings = new ArrayList<>(canonical.views().size());
        for (View view : canonical.views()) {
            readings.add(new Reading(view, signatures.scan(view, BLOCK)));
        }
        Evidence plain = readings.getFirst().evidence();
        if (plain.saw(signatures.wordBit("rot13"))) {
            readings.add(scanned(canonical.rot13(), signatures));
        }
        if (plain.saw(signatures.wordBit("reversed"))
                || canonical.marks().contains(Mark.BIDI_OVERRIDE)) {
            readings.add(scanned(canonical.reversed(), signatures));
        }
        return new All(readings, canonical.marks());
    }

    private static Reading scanned(View view, Signatures signatures) {
        return new Reading(view, signatures.scan(view, BLOCK));
    }

    /** Blocks in this view; an empty view has one. */
    public int blocks() {
        return Math.max(1, (view.length() + BLOCK - 1) / BLOCK);
    }
}
