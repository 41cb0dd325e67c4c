package atlas.segmentation.cluster;

import atlas.segmentation.graph.Family;
import java.util.Map;
import java.util.Optional;

/** One end of a connection, standing for all that no policy can tell from it. */
sealed interface Place {
    /** What it is called in a message. */
    String called();

    /** Its segment, {@code external}, or a name of its own for what belongs nowhere. */
    String segment();

    /** Its class of addresses in a family, for network plugins that know pods by address, too. */
    record At(Family family, int of, String example) {}

    /** Pods of one segment; with an address where the file gives any. */
    record Pod(
            String segment,
            String namespace,
            Map<String, String> labels,
            boolean enforced,
            Optional<At> at)
            implements Place {
        @Override
        public String called() {
            return segment
                    + " (pod in "
                    + namespace
                    + at.map(a -> ", " + a.example()).orElse("")
                    + ")";
        }
    }

    /** A class of addresses outside of the cluster. */
    record Outside(String segment, Optional<At> at) implements Place {
        @Override
        public String called() {
            return segment + " (" + at.map(At::example).orElse("") + ")";
        }
    }

    Optional<At> at();
}
