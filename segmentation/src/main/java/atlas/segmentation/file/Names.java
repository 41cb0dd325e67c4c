package atlas.segmentation.file;

/** What is called how in a cluster when the file does not say. */
public final class Names {
    /** The label whose value is the name of a pod's segment. */
    public static final String LABEL = "atlas/segment";

    /** The namespace in which such pods are. */
    public static final String NAMESPACE = "atlas";

    private Names() {}
}
