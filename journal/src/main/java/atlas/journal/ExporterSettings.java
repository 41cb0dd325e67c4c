package atlas.journal;

import atlas.core.Sensitive;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * One of {@code journal.exporters}: another system that gets the entries as they come.
 *
 * @param name what its cursor is kept by
 * @param to {@code file:PATH}, {@code syslog+tls://HOST:PORT}, {@code https://HOST/PATH} or {@code
 *     kafka://HOST:PORT/TOPIC}
 * @param content prompts and answers stay inside unless it is {@code full}
 * @param kinds which facts go, as {@code alert.raised}; all of them unless some are named
 * @param trust certificates that the receiver's leads to; needed but for a file
 * @param certificate ours, for a receiver that asks for one, with its {@code key}
 * @param token for {@code https:}, sent as bearer token
 */
public record ExporterSettings(
        String name,
        String to,
        Optional<Format> format,
        Optional<Content> content,
        Set<String> kinds,
        Optional<Path> trust,
        Optional<Path> certificate,
        Optional<Path> key,
        Optional<Sensitive<String>> token) {
    public ExporterSettings {
        kinds = Set.copyOf(kinds);
    }

    /** What entries look like there. */
    public enum Format {
        JSONL,
        OCSF,
        CEF
    }

    /** What of them may leave. */
    public enum Content {
        METADATA,
        FULL
    }

    /** JSON Lines unless said otherwise. */
    public Format formatOrUsual() {
        return format.orElse(Format.JSONL);
    }

    /** Metadata unless said otherwise. */
    public Content contentOrUsual() {
        return content.orElse(Content.METADATA);
    }
}
