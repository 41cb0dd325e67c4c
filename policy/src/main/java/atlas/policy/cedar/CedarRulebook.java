package atlas.policy.cedar;

import atlas.core.Role;
import atlas.core.crypto.Hashes;
import atlas.policy.Action;
import atlas.policy.Judgement;
import atlas.policy.PolicyException;
import atlas.policy.Question;
import atlas.policy.Rulebook;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A policy file in force. Made by {@link PolicyFile} alone, after every check has passed. */
final class CedarRulebook implements Rulebook {
    private static final int VERSION_DIGITS = 32;
    private static final Judgement SILENT = new Judgement.Silent();
    private static final int MOST_ANSWERS = 65_536;
    private static final int LONGEST_REMEMBERED = 16 << 10;
    private static final int MOST_HELD = 32 << 20;

    private final String text;
    private final String version;
    private final List<Rule> rules;
    private final Slicer slicer;
    private final Map<Role, Set<Action>> customRoles;
    private final Map<Asked, Judgement> answers = new ConcurrentHashMap<>();
    private final AtomicLong held = new AtomicLong();

    CedarRulebook(String text, List<Rule> rules) {
        this.text = text;
        this.version = Hashes.sha256(text).hex().substring(0, VERSION_DIGITS);
        this.rules = List.copyOf(rules);
        this.slicer = new Slicer(rules);
        this.customRoles = Map.copyOf(customRoles(rules));
    }

    /** Everything an answer depends on: which policies, and what they saw. */
    private record Asked(Slice slice, List<@Nullable Object> facts) {}

    @Override
    public String version() {
        return version;
    }

    @Override
    public String text() {
        return text;
    }

    @Override
    public List<Entry> entries() {
        return rules.stream().map(Rule::entry).toList();
    }

    List<Rule> rules() {
        return rules;
    }

    @Override
    public Map<Role, Set<Action>> customRoles() {
        return customRoles;
    }

    static Map<Role, Set<Action>> customRoles(List<Rule> rules) {
        Map<Role, Set<Action>> custom = new HashMap<>();
        for (Rule rule : rules) {
            rule.head()
                    .role()
                    .filter(role -> !role.isBuiltIn())
                    .ifPresent(role -> {
                        Set<Action> actions =
                                custom.computeIfAbsent(role, _ -> EnumSet.noneOf(Action.class));
                        if (!rule.forbids()) {
                            actions.addAll(rule.head().actions());
                        }
                    });
        }
        return custom;
    }

    @Override
    public Judgement judge(Question question) {
        Slice slice = slicer.slice(question);
        Judgement judgement = slice.isEmpty() ? SILENT : remembered(slice, question);
        return switch (judgement) {
            case Judgement.Silent _ -> silent(question);
            case Judgement.Forbidden _, Judgement.Permitted _, Judgement.Unanswerable _ ->
                    judgement;
        };
    }

    /** Whether some request would be permitted, where none in particular is asked about. */
    private Judgement silent(Question question) {
        List<String> permits =
                Slicer.anyRequest(question) ? slicer.dependingPermits(question) : List.of();
        return permits.isEmpty() ? SILENT : new Judgement.Permitted(permits);
    }

    private Judgement remembered(Slice slice, Question question) {
        Asked asked = new Asked(slice, slice.facts(question));
        Judgement known = answers.get(asked);
        if (known != null) {
            return known;
        }
        Judgement judgement = slice.judge(question, asked.facts);
        remember(asked, judgement);
        return judgement;
    }

    // Callers choose how long lists of tools are, so entries are counted by what they hold, too.
    private void remember(Asked asked, Judgement judgement) {
        long size = size(asked.facts);
        if (size > LONGEST_REMEMBERED) {
            return;
        }
        if (answers.size() >= MOST_ANSWERS || held.addAndGet(size) > MOST_HELD) {
            answers.clear();
            held.set(size);
        }
        answers.put(asked, judgement);
    }

    /** About how many characters these facts hold. */
    private static long size(Iterable<? extends @Nullable Object> facts) {
        long size = 0;
        for (@Nullable Object fact : facts) {
            size +=
                    switch (fact) {
                        case null -> 1;
                        case String text -> 8L + text.length();
                        case Collection<?> many -> size(many);
                        case Map<?, ?> tags -> size(tags.keySet()) + size(tags.values());
                        default -> 8;
                    };
        }
        return size;
    }

    /** How many answers are remembered. */
    int remembered() {
        return answers.size();
    }

    @Override
    public void forget() {
        answers.clear();
        held.set(0);
    }

    @Override
    public List<Consideration> consider(Question question) {
        return slicer.rules(question).stream().map(rule -> considered(rule, question)).toList();
    }

    private static Consideration considered(Rule rule, Question question) {
        Slice alone = new Slice(List.of(rule));
        List<@Nullable Object> facts = alone.facts(question);
        Map<String, String> read = new LinkedHashMap<>();
        for (int i = 0; i < facts.size(); i++) {
            Object value = facts.get(i);
            read.put(
                    alone.reads().get(i).dotted(),
                    value == null
                            ? "none"
                            : value.equals(Fact.UNKNOWN) ? "not known" : String.valueOf(value));
        }
        return new Consideration(rule.entry(), outcome(alone, question, facts), read);
    }

    private static String outcome(Slice alone, Question question, List<@Nullable Object> facts) {
        try {
            return switch (alone.judge(question, facts)) {
                case Judgement.Forbidden _, Judgement.Permitted _ -> "applies";
                case Judgement.Silent _ -> "does not apply";
                case Judgement.Unanswerable(String why, List<String> _) -> why;
            };
        } catch (PolicyException e) {
            return "the engine failed";
        }
    }
}
