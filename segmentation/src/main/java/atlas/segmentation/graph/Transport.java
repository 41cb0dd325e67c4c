package atlas.segmentation.graph;

import java.util.Locale;

/** What carries a flow; everything else that IP can carry is denied. */
public enum Transport {
    TCP,
    UDP;

    /** As packet filters and manifests in lower case spell it. */
    public String lower() {
        return name().toLowerCase(Locale.ROOT);
    }
}
