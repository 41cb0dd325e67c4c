package atlas.registry.oms;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/** Names of files in a manifest: relative, forward slashes, exactly one spelling. */
final class ResourceName {
    private static final int MAX_BYTES = 4096;

    /** Spec order: Unicode code points, which is the order of the UTF-8 bytes. */
    static final Comparator<String> ORDER =
            (a, b) ->
                    Arrays.compareUnsigned(
                            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private ResourceName() {}

    /** OMS v1.0 section 6.1.2, and no control characters, so that a name can be shown. */
    static boolean isCanonical(String name) {
        if (name.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            return false;
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES
                || name.indexOf('\\') >= 0
                || name.chars().anyMatch(Character::isISOControl)) {
            return false;
        }
        for (String segment : name.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return false;
            }
        }
        return true;
    }
}
