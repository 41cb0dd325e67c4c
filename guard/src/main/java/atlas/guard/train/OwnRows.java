package atlas.guard.train;

import atlas.guard.measure.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Rows of our own, each attack with a harmless twin made the same way: what users say, what tools
 * give back, documents somebody wrote into, and a job over such a document. A row made around
 * another row names that row's source too, so that it is left out together with it.
 */
final class OwnRows {
    /** Between the names of the sources a row was made from. */
    static final String FROM = " < ";

    private static final int LONGEST_CARRIER = 1500;
    private static final double ENGLISH = 0.5;
    private static final String SOUP = "(){}[]<>\\/*_-+=|&^%$#@!?;:.,'\"";

    private final Grammar grammar;
    private final RandomGenerator random;
    private final List<String> languages;
    private final List<Row> carriers;
    private final List<Row> rows = new ArrayList<>();

    private OwnRows(Grammar grammar, List<Row> carriers, RandomGenerator random) {
        this.grammar = grammar;
        this.carriers = carriers;
        this.random = random;
        this.languages = grammar.languages("direct");
    }

    /** So many pairs around the harmless documents among {@code rows}. */
    static List<Row> of(List<Row> rows, int pairs, RandomGenerator random) {
        List<Row> carriers =
                rows.stream()
                        .filter(r -> !r.attack() && r.channel().equals("document"))
                        .filter(r -> !r.category().equals("benign-hard"))
                        .toList();
        OwnRows own = new OwnRows(Grammar.shipped(), carriers, random);
        for (int i = 0; i < pairs; i++) {
            switch (i % 8) {
                case 0, 1 -> own.said();
                case 2, 3 -> own.returned();
                case 4, 5 -> own.written();
                default -> own.asked();
            }
        }
        for (int i = 0; i < pairs / 20; i++) {
            own.garbled();
            own.smuggled();
            own.played();
        }
        return own.rows;
    }

    /**
     * So many pairs more in languages other than English, of which there are few rows: what users
     * say, and what tools give back.
     */
    static List<Row> foreign(int pairs, RandomGenerator random) {
        OwnRows own = new OwnRows(Grammar.shipped(), List.of(), random);
        for (int i = 0; i < pairs; i++) {
            String lang = own.languages.get(random.nextInt(own.languages.size()));
            if (lang.equals("en")) {
                continue;
            }
            if (i % 3 == 0) {
                own.returned(lang);
            } else {
                own.said(lang, i % 3 == 1 ? "more." : "direct.");
            }
        }
        return own.rows;
    }

    /** Whether a row was made here. */
    static boolean own(Row row) {
        return row.source().startsWith("own-") || row.source().startsWith(Twins.SOURCE);
    }

    private void said() {
        said(language(), "direct.");
    }

    private void said(String lang, String attack) {
        add(true, grammar.say(attack + lang, random), "own-said", lang, "user");
        String harmless = grammar.say("ask." + lang, random);
        if (random.nextInt(3) == 0) {
            harmless += " " + grammar.say("ask." + lang, random);
        }
        add(false, harmless, "own-said", lang, "user");
    }

    private void returned() {
        returned(language());
    }

    /** A tool's answer is in English more often than what somebody put into it. */
    private void returned(String lang) {
        add(true, carried(order(lang)), "own-returned", lang, "document");
        add(false, carried(request(lang)), "own-returned", lang, "document");
    }

    private String carried(String filling) {
        return grammar.say("tool.en", filling, random);
    }

    private void written() {
        if (carriers.isEmpty()) {
            return;
        }
        Row one = carrier();
        Row other = carrier();
        add(
                true,
                insert(one.text(), order(fitting(one))),
                "own-written" + FROM + one.source(),
                one.lang(),
                "document");
        add(
                false,
                insert(other.text(), request(fitting(other))),
                "own-written" + FROM + other.source(),
                other.lang(),
                "document");
    }

    private void asked() {
        if (carriers.isEmpty()) {
            return;
        }
        Row one = carrier();
        String lang = fitting(one);
        String source = "own-asked" + FROM + one.source();
        add(true, asked(insert(one.text(), order(lang))), source, lang, "mixed");
        add(false, asked(insert(one.text(), request(lang))), source, lang, "mixed");
    }

    private String asked(String document) {
        String job = grammar.say("job.en", random);
        return random.nextInt(4) == 0 ? document + "\n\n" + job : job + "\n\n" + document;
    }

    /** What a machine finds when it searches for words that make a model give in. */
    private void garbled() {
        StringBuilder text = new StringBuilder(grammar.say("harm", random));
        int parts = 8 + random.nextInt(16);
        for (int i = 0; i < parts; i++) {
            String[] words = grammar.say("direct.en", random).split("\\W+");
            String word = words.length == 0 ? "" : words[random.nextInt(words.length)];
            text.append(random.nextInt(3) == 0 ? "" : " ").append(word);
            if (random.nextInt(2) == 0) {
                text.append(SOUP.charAt(random.nextInt(SOUP.length())));
            }
        }
        add(true, text.toString(), "own-garbled", "en", "user");
    }

    /** Words of a task handed over one by one in code. */
    private void smuggled() {
        add(true, smuggled(grammar.say("harm", random)), "own-smuggled", "en", "user");
        add(false, smuggled(grammar.say("hobby", random)), "own-smuggled", "en", "user");
    }

    private String smuggled(String task) {
        StringBuilder words = new StringBuilder();
        String[] forms = {
            "\"%s\", ", "stack.append(\"%s\")\n", "queue.append('%s')\n", "s += \"%s \"\n"
        };
        String form = forms[random.nextInt(forms.length)];
        for (String word : ("how to " + task).split(" ")) {
            words.append(form.replace("%s", word));
        }
        return grammar.say("smuggle", words.toString().strip(), random);
    }

    /** Roles and stories, which people like to play without meaning harm. */
    private void played() {
        add(true, grammar.say("roleplay", random), "own-played", "en", "user");
        add(false, grammar.say("play.en", random), "own-played", "en", "user");
    }

    private String order(String lang) {
        return grammar.say("shape", grammar.say("inj." + lang, random), random);
    }

    /** Half of what people ask stands there plainly, so that no shape gives it away. */
    private String request(String lang) {
        String request = grammar.say("request." + lang, random);
        return random.nextBoolean() ? request : grammar.say("shape", request, random);
    }

    private String language() {
        return random.nextDouble() < ENGLISH
                ? "en"
                : languages.get(random.nextInt(languages.size()));
    }

    private String fitting(Row carrier) {
        return languages.contains(carrier.lang()) && random.nextInt(6) > 0
                ? carrier.lang()
                : language();
    }

    private Row carrier() {
        return carriers.get(random.nextInt(carriers.size()));
    }

    private String insert(String document, String what) {
        String text = document;
        if (text.length() > LONGEST_CARRIER) {
            int from = random.nextInt(text.length() - LONGEST_CARRIER);
            text = text.substring(from, from + LONGEST_CARRIER);
        }
        int seam = text.length();
        for (int at = random.nextInt(text.length() + 1); at < text.length(); at++) {
            if (text.charAt(at) == '\n'
                    || (at > 0 && text.charAt(at) == ' ' && text.charAt(at - 1) == '.')) {
                seam = at;
                break;
            }
        }
        String gap = random.nextBoolean() ? "\n" : " ";
        return text.substring(0, seam) + gap + what + gap + text.substring(seam);
    }

    private void add(boolean attack, String text, String source, String lang, String channel) {
        String category =
                !attack
                        ? "benign-hard"
                        : channel.equals("user") ? "direct-injection" : "indirect-injection";
        rows.add(new Row(text, attack, source, category, lang, channel));
    }
}
