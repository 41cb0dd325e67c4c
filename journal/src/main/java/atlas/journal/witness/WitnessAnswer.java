package atlas.journal.witness;

import java.nio.charset.StandardCharsets;

/** What a witness says to {@code add-checkpoint}. */
sealed interface WitnessAnswer {
    /** The media type of a size, in a conflict. */
    String SIZE_TYPE = "text/x.tlog.size";

    /** It saw this checkpoint follow the last one; {@code lines} are its signature lines. */
    record Cosigned(String lines) implements WitnessAnswer {}

    /** The request is none. */
    record Malformed(String why) implements WitnessAnswer {}

    /** It knows no log of this origin. */
    record UnknownLog() implements WitnessAnswer {}

    /** No key of that log signed, or a signature by one is wrong. */
    record Unsigned(String why) implements WitnessAnswer {}

    /** The proof starts from another size than that of the last checkpoint cosigned. */
    record Conflict(long size) implements WitnessAnswer {}

    /** The checkpoint does not follow from the last one, as far as the proof shows. */
    record Unproved(String why) implements WitnessAnswer {}

    /** The answer as C2SP tlog-witness spells it in HTTP. */
    default WitnessDoor.Reply reply() {
        return switch (this) {
            case Cosigned cosigned -> text(200, cosigned.lines());
            case Malformed malformed -> text(400, malformed.why() + "\n");
            case Unsigned unsigned -> text(403, unsigned.why() + "\n");
            case UnknownLog _ -> text(404, "no log of this origin is known here\n");
            case Conflict conflict ->
                    new WitnessDoor.Reply(
                            409,
                            SIZE_TYPE,
                            (conflict.size() + "\n").getBytes(StandardCharsets.UTF_8));
            case Unproved unproved -> text(422, unproved.why() + "\n");
        };
    }

    private static WitnessDoor.Reply text(int status, String text) {
        return new WitnessDoor.Reply(
                status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }
}
