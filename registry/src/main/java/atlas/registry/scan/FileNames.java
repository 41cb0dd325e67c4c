package atlas.registry.scan;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What names may mean: which are text by convention, and which may be referred to. */
final class FileNames {
    private static final Set<String> TEXT =
            Set.of("txt", "md", "jinja", "j2", "yaml", "yml", "license", "csv", "tsv", "vocab");
    private static final Set<String> BARE =
            Set.of(
                    "license",
                    "license.apache",
                    "notice",
                    "readme",
                    "copying",
                    "authors",
                    "use_policy",
                    "version");
    private static final Set<String> CODE_BEARING =
            Set.of("bin", "pt", "pth", "pkl", "pickle", "ckpt", "joblib", "dill", "h5", "keras");

    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._][A-Za-z0-9._+=@, -]*");
    private static final Pattern DEVICE =
            Pattern.compile("(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?");

    private FileNames() {}

    static String last(String name) {
        return name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    }

    static String ending(String name) {
        String last = last(name);
        int dot = last.lastIndexOf('.');
        return dot < 0 ? "" : last.substring(dot + 1);
    }

    static boolean isText(String name) {
        return TEXT.contains(ending(name)) || BARE.contains(last(name));
    }

    static boolean isTemplate(String name) {
        return Set.of("jinja", "j2").contains(ending(name));
    }

    /**
     * Whether a file may be named by another: one canonical, relative spelling that is the same
     * file on every system. Nothing that a shell, a URL or Windows reads as something else.
     */
    static boolean isReference(String name) {
        if (name.length() > 1024) {
            return false;
        }
        for (String segment : name.split("/", -1)) {
            boolean plain =
                    SEGMENT.matcher(segment).matches()
                            && !segment.endsWith(".")
                            && !segment.endsWith(" ")
                            && !DEVICE.matcher(segment).matches();
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    static boolean isCodeBearing(String name) {
        return CODE_BEARING.contains(ending(name));
    }
}
