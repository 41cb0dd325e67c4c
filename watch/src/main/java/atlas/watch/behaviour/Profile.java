package atlas.watch.behaviour;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one principal: at most two kilobytes, of fixed size, no text but its name.
 * The rules judge an act before {@link #learn} takes it in. Not thread-safe.
 */
final class Profile {
    private static final int DENIALS = 8;
    private static final long SUSPECT = 2 * 3600;

    final String principal;
    final Known networks = new Known(10);
    final Known clients = new Known(6);
    final Known models = new Known(12);
    final Known credentials = new Known(4);
    final Known steady = new Known(2);
    final Rhythm rhythm = new Rhythm();
    final Sizes outputs = new Sizes();
    final Ring denials = new Ring(DENIALS);
    final Sizes inputs = new Sizes();
    final Drift answers = new Drift();
    final Drift prompts = new Drift();
    double volumePeak;
    final Pulse pulse = new Pulse();
    private final Marks recent = new Marks(12);
    private @Nullable Rhythm embeddings;
    private @Nullable Hours administration;
    private long first = Long.MIN_VALUE;
    private long lastPlaceAt;
    private String lastPlace = "";
    private long acts;
    private long suspectUntil = Long.MIN_VALUE;

    Profile(String principal) {
        this.principal = principal;
    }

    /** Turns to the time of an act, before it is judged. */
    void turnTo(Activity act) {
        long second = act.when().getEpochSecond();
        if (first == Long.MIN_VALUE) {
            first = second;
        }
        rhythm.turnTo(second);
        if (embeddings != null) {
            embeddings.turnTo(second);
        }
        recent.add(act.index());
        acts++;
    }

    /** Takes in an act that was judged. */
    void learn(Activity act, boolean abnormal) {
        long second = act.when().getEpochSecond();
        if (abnormal) {
            suspectUntil = second + SUSPECT;
        }
        see(networks, act.network(), second);
        see(clients, act.client(), second);
        see(credentials, act.credential(), second);
        if (!act.inference()) {
            administration().see(second);
            return;
        }
        see(models, act.model(), second);
        if (!act.place().isEmpty()) {
            lastPlace = act.place();
            lastPlaceAt = act.millis();
        }
        if (act.operation().equals("embeddings")) {
            embeddings().count();
            return;
        }
        rhythm.count();
        if (!act.denied() && !abnormal) {
            outputs.add(act.outputTokens());
            inputs.add(act.inputTokens());
        }
    }

    private static void see(Known known, String value, long second) {
        if (!value.isEmpty()) {
            known.see(value.hashCode(), second);
        }
    }

    private Rhythm embeddings() {
        Rhythm known = embeddings;
        if (known == null) {
            known = new Rhythm();
            embeddings = known;
            known.turnTo(rhythm.second());
        }
        return known;
    }

    /** At which hours it administers. */
    Hours administration() {
        Hours known = administration;
        if (known == null) {
            known = new Hours();
            administration = known;
        }
        return known;
    }

    /** How often it asks for embeddings; null when it never did. */
    @Nullable Rhythm embeddingsOrNull() {
        return embeddings;
    }

    /** Seconds since it was first seen, at a time. */
    long age(Activity act) {
        return act.when().getEpochSecond() - first;
    }

    String lastPlace() {
        return lastPlace;
    }

    long lastPlaceAt() {
        return lastPlaceAt;
    }

    /** Whether a rule spoke lately, so that what is done now is not to become the usual. */
    boolean suspect(Activity act) {
        return act.when().getEpochSecond() < suspectUntil;
    }

    /** How many acts it has done, this one included. */
    long acts() {
        return acts;
    }

    /** The last acts, by index, this one included. */
    List<Long> evidence() {
        return recent.list();
    }
}
