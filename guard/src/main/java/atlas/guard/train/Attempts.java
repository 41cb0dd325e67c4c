package atlas.guard.train;

import java.util.List;
import java.util.random.RandomGenerator;

/** Attacks and harmless texts by the grammar, for whoever wants to try a pipeline. */
public final class Attempts {
    private final Grammar grammar = Grammar.shipped();
    private final List<String> languages = grammar.languages("direct");
    private final RandomGenerator random;

    public Attempts(RandomGenerator random) {
        this.random = random;
    }

    /** An attack in a user's words. */
    public String said() {
        return grammar.say("direct." + language(), random);
    }

    /** What a tool gave back, with an order to the model in it. */
    public String returned() {
        String order = grammar.say("inj." + language(), random);
        return grammar.say("tool.en", grammar.say("shape", order, random), random);
    }

    /** Something harmless that talks like an attack. */
    public String harmless() {
        return grammar.say("ask." + language(), random);
    }

    private String language() {
        return random.nextBoolean() ? "en" : languages.get(random.nextInt(languages.size()));
    }
}
