package atlas.registry.scan;

import java.io.IOException;
import java.util.regex.Pattern;

/** Plain text, known by its name and proven by its bytes: UTF-8 without control characters. */
final class TextFile {
    static final String FORMAT = "text";

    private static final long MAX_BYTES = 64 << 20;
    // How the text protocols of pickle begin; they end with a full stop.
    private static final Pattern PICKLE =
            Pattern.compile("^[(\\]}lpd0-9\\n]*[ci][\\w.]+\\r?\\n[\\w.]+\\r?\\n", Pattern.DOTALL);

    private TextFile() {}

    static void examine(ByteSource source, Examination out) throws IOException, Malformed {
        String text = new ByteWindow(source).text(source.length(), MAX_BYTES);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f') {
                throw new Malformed("a control character in text", i);
            }
        }
        if (text.startsWith("#!")) {
            throw new Malformed("a script", 0);
        }
        if (text.stripTrailing().endsWith(".") && PICKLE.matcher(text).find()) {
            throw new Malformed("a pickle in its text form", 0);
        }
        String name = FileNames.last(out.name());
        if (FileNames.isTemplate(name) || name.contains("template")) {
            ChatTemplate.examine(text, 0, out);
        } else if (name.endsWith("yaml") || name.endsWith("yml")) {
            yaml(text, out);
        }
    }

    private static void yaml(String text, Examination out) throws Malformed {
        if (text.contains("!!python") || text.contains("!<") || text.contains("_target_")) {
            throw new Malformed("YAML that makes a loader build objects", 0);
        }
        if (text.contains("{{") || text.contains("{%")) {
            ChatTemplate.examine(text.replace("''", "'"), 0, out);
        }
    }
}
