package atlas.segmentation.target;

import java.util.List;

/** A policy that a target cannot hold; every reason, each with how to mend it. */
public final class InexpressibleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> reasons;

    public InexpressibleException(List<String> reasons) {
        super(String.join("; ", reasons));
        this.reasons = List.copyOf(reasons);
    }

    public List<String> reasons() {
        return reasons;
    }
}
