package atlas.control.posture;

import atlas.posture.Control;
import atlas.posture.Measurement;

/** Nothing here names the network's policy yet, so nothing can be held against it. */
final class SegmentationCheck implements Check {
    @Override
    public Control control() {
        return Control.SEGMENTATION;
    }

    @Override
    public Measurement measure(Drill drill) {
        return Measurement.unknown(
                control(),
                "this installation names no network policy; `atlas network probe POLICY` measures"
                        + " one from where it is run");
    }
}
