package atlas.guard;

import atlas.core.json.Json;
import atlas.guard.measure.Metrics;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The scores at which texts are flagged and blocked, for each kind of channel; as shipped, or as
 * fitted on somebody's own traffic. Fitted ones belong to the guard they were fitted for.
 */
final class Thresholds {
    private static final String GUARD = "guard";
    private static final String FLAG = "_flag";
    private static final String BLOCK = "_block";

    /** Harmless texts above a threshold that a fit rests on at least. */
    private static final int REST = 5;

    /** Whose texts a pair of thresholds is for. */
    enum For {
        SPEAKER,
        CARRIED,
        UNKNOWN;

        static For of(Channel channel) {
            return channel.untrusted() ? CARRIED : SPEAKER;
        }

        private String key(String suffix) {
            return name().toLowerCase(Locale.ROOT) + suffix;
        }
    }

    /** A pair of thresholds. */
    record Pair(double flag, double block) {
        Pair {
            if (!(flag > 0 && flag <= block && block <= 1)) {
                throw new IllegalArgumentException("0 < flag <= block <= 1 does not hold");
            }
        }

        Verdict verdict(double score) {
            return score >= block ? Verdict.BLOCK : score >= flag ? Verdict.FLAG : Verdict.ALLOW;
        }
    }

    private final Map<For, Pair> pairs;

    private Thresholds(Map<For, Pair> pairs) {
        this.pairs = pairs;
    }

    /** One pair for everything. */
    static Thresholds same(double flag, double block) {
        Map<For, Pair> pairs = new EnumMap<>(For.class);
        for (For each : For.values()) {
            pairs.put(each, new Pair(flag, block));
        }
        return new Thresholds(pairs);
    }

    Pair of(For kind) {
        return pairs.getOrDefault(kind, new Pair(1, 1));
    }

    /**
     * The pair that so many of these harmless scores meet, or empty when there are too few to tell.
     */
    static Optional<Pair> fit(List<Double> harmless, double flagged, double blocked) {
        if (harmless.size() * flagged < REST) {
            return Optional.empty();
        }
        double flag = Math.min(1, Metrics.threshold(harmless, flagged));
        double block = Math.min(1, Metrics.threshold(harmless, blocked));
        return Optional.of(new Pair(Math.max(flag, Double.MIN_NORMAL), Math.max(flag, block)));
    }

    Thresholds with(For kind, Pair pair) {
        Map<For, Pair> more = new EnumMap<>(pairs);
        more.put(kind, pair);
        return new Thresholds(more);
    }

    /** Reads a file for the guard of this version. */
    static Thresholds read(Path file, String version) {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = Json.factory().createParser(Files.readAllBytes(file))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw broken(file, null);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (!parser.nextToken().isScalarValue()) {
                    throw broken(file, null);
                }
                fields.put(name, parser.getText());
            }
        } catch (JacksonException e) {
            throw broken(file, e);
        } catch (IOException e) {
            throw new GuardException("the thresholds `" + file + "` cannot be read", e);
        }
        if (!version.equals(fields.get(GUARD))) {
            throw new GuardException(
                    "the thresholds `"
                            + file
                            + "` were fitted for another guard than `"
                            + version
                            + "`; run `atlas guard calibrate` again");
        }
        Thresholds read = same(1, 1);
        for (For kind : For.values()) {
            read = read.with(kind, pair(file, fields, kind));
        }
        return read;
    }

    private static Pair pair(Path file, Map<String, String> fields, For kind) {
        try {
            return new Pair(
                    Double.parseDouble(fields.getOrDefault(kind.key(FLAG), "")),
                    Double.parseDouble(fields.getOrDefault(kind.key(BLOCK), "")));
        } catch (IllegalArgumentException e) {
            throw broken(file, e);
        }
    }

    private static GuardException broken(Path file, @Nullable Throwable e) {
        String message = "`" + file + "` holds no thresholds; run `atlas guard calibrate` again";
        return e == null ? new GuardException(message) : new GuardException(message, e);
    }

    /** Writes the file that {@link #read} takes. */
    void write(Path file, String version) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.factory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField(GUARD, version);
            for (For kind : For.values()) {
                json.writeNumberField(kind.key(FLAG), of(kind).flag());
                json.writeNumberField(kind.key(BLOCK), of(kind).block());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing thresholds to memory", e);
        }
        Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
    }
}
