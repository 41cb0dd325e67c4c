package atlas.segmentation.cluster;

import java.util.Map;

/** One end of a connection, standing for all that no policy can tell from it. */
sealed interface Place {
    /** What it is called in a message. */
    String called();

    /** Its segment, {@code external}, or a name of its own for what belongs nowhere. */
    String segment();

    record Pod(String segment, String namespace, Map<String, String> labels, boolean enforced)
            implements Place {
        @Override
        public String called() {
            return segment + " (pod in " + namespace + ")";
        }
    }

    /** A class of addresses outside of the cluster. */
    record Address(String segment, String example, int of, boolean six) implements Place {
        @Override
        public String called() {
            return segment + " (" + example + ")";
        }
    }
}
