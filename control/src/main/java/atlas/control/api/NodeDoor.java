package atlas.control.api;

import atlas.core.ModelRef;

/** What control asks of the node that runs models. Blocks until the node answered. */
public interface NodeDoor {

    /** The node verifies the version itself, and may refuse it whatever control thinks. */
    Answer load(ModelRef model);

    /** The node lets go of the version when nobody uses it any more. */
    Answer unload(ModelRef model);

    /** Whether the node answers, and what it says about itself, as JSON text. */
    Answer status();

    /** What the node said. */
    sealed interface Answer {
        record Done(String json) implements Answer {}

        record Refused(String reason) implements Answer {}

        record Unreachable(String why) implements Answer {}
    }
}
