package atlas.watch;

import atlas.watch.behaviour.Activity;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Recorded events, one a line, as CSV with a header, plain or gzipped. Columns that are not asked
 * for are passed over, so that no label can reach a detector.
 */
final class EventStream implements AutoCloseable {
    private static final List<String> NEEDED =
            List.of(
                    "ts_s",
                    "principal",
                    "country",
                    "ip24",
                    "ua",
                    "op",
                    "model",
                    "in_tok",
                    "out_tok",
                    "decision",
                    "guard",
                    "prompt_bucket");
    // What arrives a little late is taken as if it came now.
    private static final long LATENESS = 5 * 60_000;

    private final Path file;
    private final BufferedReader lines;
    private final Map<String, Integer> columns = new HashMap<>();
    private final int width;
    private long line = 1;
    private long latest = Long.MIN_VALUE;

    EventStream(Path file) throws IOException {
        this.file = file;
        this.lines =
                new BufferedReader(new InputStreamReader(opened(file), StandardCharsets.UTF_8));
        try {
            List<String> names = split(Optional.ofNullable(lines.readLine()).orElse(""));
            for (int i = 0; i < names.size(); i++) {
                columns.put(names.get(i).strip(), i);
            }
            width = names.size();
            for (String name : NEEDED) {
                if (!columns.containsKey(name)) {
                    throw wrong("there is no column `%s` in the header".formatted(name));
                }
            }
        } catch (IOException | RuntimeException e) {
            lines.close();
            throw e;
        }
    }

    /** The next event; empty at the end. */
    Optional<Activity> next() throws IOException {
        String text = lines.readLine();
        line++;
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        List<String> fields = split(text);
        if (fields.size() != width) {
            throw wrong("%d fields, the header has %d".formatted(fields.size(), width));
        }
        return Optional.of(
                new Activity(
                        line,
                        when(fields),
                        Activity.Kind.INFERENCE,
                        field(fields, "principal"),
                        "default",
                        "",
                        field(fields, "ip24"),
                        field(fields, "ua"),
                        field(fields, "country"),
                        field(fields, "op"),
                        field(fields, "model"),
                        tokens(fields, "in_tok"),
                        tokens(fields, "out_tok"),
                        !field(fields, "decision").equals("allow"),
                        field(fields, "guard").equals("injection"),
                        fingerprint(field(fields, "prompt_bucket"))));
    }

    private Instant when(List<String> fields) {
        double seconds;
        try {
            seconds = Double.parseDouble(field(fields, "ts_s"));
        } catch (NumberFormatException e) {
            throw wrong("`ts_s` is not a number of seconds");
        }
        if (!(Math.abs(seconds) < 1e11)) {
            throw wrong("`ts_s` is not a number of seconds");
        }
        long millis = Math.round(seconds * 1000);
        if (latest != Long.MIN_VALUE && millis < latest - LATENESS) {
            throw wrong("`ts_s` goes back by more than five minutes; sort the events by time");
        }
        latest = Math.max(latest, millis);
        return Instant.ofEpochMilli(latest);
    }

    private long tokens(List<String> fields, String name) {
        String text = field(fields, name);
        try {
            return text.isEmpty() ? 0 : Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw wrong("`%s` is not a whole number".formatted(name));
        }
    }

    private static long fingerprint(String bucket) {
        return bucket.isEmpty() ? 0 : Fingerprints.of(bucket);
    }

    private String field(List<String> fields, String name) {
        return fields.get(columns.getOrDefault(name, 0));
    }

    private List<String> split(String text) {
        if (text.indexOf('"') >= 0) {
            throw wrong("quoted fields are not read");
        }
        List<String> fields = new ArrayList<>(16);
        int from = 0;
        for (int comma = text.indexOf(','); comma >= 0; comma = text.indexOf(',', from)) {
            fields.add(text.substring(from, comma));
            from = comma + 1;
        }
        fields.add(text.substring(from));
        return fields;
    }

    private WatchException wrong(String what) {
        return new WatchException("%s, line %d: %s".formatted(file, line, what));
    }

    private static InputStream opened(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            raw.mark(2);
            boolean zipped = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            return zipped ? new GZIPInputStream(raw, 1 << 16) : raw;
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
