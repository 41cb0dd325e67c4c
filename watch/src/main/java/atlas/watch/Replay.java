package atlas.watch;

import atlas.core.json.Json;
import atlas.watch.behaviour.Activity;
import atlas.watch.behaviour.Behaviour;
import atlas.watch.behaviour.Finding;
import atlas.watch.behaviour.Places;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Recorded events through the detectors that watch live ones: the same code, in the same order, and
 * so the same alerts every time. Reads one file, writes another, knows no network and no home.
 */
public final class Replay {
    private Replay() {}

    /**
     * What came of it.
     *
     * @param events read
     * @param alerts written
     * @param shifts what was not written because a whole tenant moved at once
     */
    public record Summary(long events, long alerts, long shifts) {}

    /**
     * Writes one alert a line as it is decided.
     *
     * @throws WatchException naming the line of an event that cannot be read
     * @throws IOException when a file cannot be read or written
     */
    public static Summary run(Path in, Path out) throws IOException {
        Behaviour behaviour = new Behaviour(WatchConfig.defaults().subjects(), Places.countries());
        long events = 0;
        long alerts = 0;
        try (EventStream stream = new EventStream(in);
                OutputStream to = new BufferedOutputStream(Files.newOutputStream(out))) {
            Instant last = Instant.EPOCH;
            for (Optional<Activity> act = stream.next(); act.isPresent(); act = stream.next()) {
                last = act.get().when();
                events++;
                alerts += write(behaviour.observe(act.get()), to);
            }
            alerts += write(behaviour.drain(last), to);
        }
        return new Summary(events, alerts, behaviour.shifts());
    }

    private static int write(List<Finding> findings, OutputStream to) throws IOException {
        for (Finding finding : findings) {
            to.write(Json.bytes(json -> write(finding, json)));
            to.write('\n');
        }
        return findings.size();
    }

    private static void write(Finding finding, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("principal", finding.principal());
        json.writeStringField("kind", finding.rule());
        json.writeStringField("severity", finding.severity());
        json.writeNumberField("first", seconds(finding.first()));
        json.writeNumberField("last", seconds(finding.last()));
        json.writeNumberField("score", Math.round(finding.score() * 1000) / 1000.0);
        json.writeStringField("explanation", finding.explanation());
        json.writeArrayFieldStart("evidence");
        for (long line : finding.evidence()) {
            json.writeNumber(line);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static double seconds(Instant when) {
        return when.toEpochMilli() / 1e3;
    }
}
