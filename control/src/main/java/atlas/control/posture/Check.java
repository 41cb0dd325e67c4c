package atlas.control.posture;

import atlas.posture.Control;
import atlas.posture.Measurement;
import java.io.IOException;

/** Measures one control; throws when it could not look, which is not the same as a no. */
interface Check {
    Control control();

    Measurement measure(Drill drill) throws IOException, InterruptedException;
}
