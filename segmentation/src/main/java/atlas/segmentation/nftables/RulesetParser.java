package atlas.segmentation.nftables;

import atlas.segmentation.nftables.Ruleset.Chain;
import atlas.segmentation.nftables.Ruleset.Element;
import atlas.segmentation.nftables.Ruleset.Elements;
import atlas.segmentation.nftables.Ruleset.Field;
import atlas.segmentation.nftables.Ruleset.Hook;
import atlas.segmentation.nftables.Ruleset.Rule;
import atlas.segmentation.nftables.Ruleset.Statement;
import atlas.segmentation.nftables.Ruleset.Verdict;
import atlas.segmentation.target.NotUnderstoodException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Reads {@code table inet atlas}, as a file or as the kernel lists it. */
final class RulesetParser {
    static final String TABLE = "atlas";

    private final Tokens tokens;
    private final StatementParser statements;
    private final SequencedMap<String, Elements> elements = new LinkedHashMap<>();
    private final SequencedMap<String, Chain> chains = new LinkedHashMap<>();

    private RulesetParser(Tokens tokens) {
        this.tokens = tokens;
        this.statements = new StatementParser(tokens);
    }

    static Ruleset parse(String text) throws NotUnderstoodException {
        RulesetParser parser = new RulesetParser(new Tokens(text));
        parser.file();
        return new Ruleset(parser.elements, parser.chains);
    }

    private void file() throws NotUnderstoodException {
        tokens.skipLines();
        while (!tokens.done()) {
            boolean deletes = tokens.take("delete");
            tokens.expect("table");
            tokens.expect("inet");
            String name = tokens.next();
            if (!name.equals(TABLE)) {
                throw tokens.unknown(name);
            }
            if (deletes) {
                elements.clear();
                chains.clear();
            } else if (tokens.take("{")) {
                table();
            }
            tokens.skipLines();
        }
        if (chains.isEmpty()) {
            throw new NotUnderstoodException(0, "there is no `table inet atlas` with chains");
        }
    }

    private void table() throws NotUnderstoodException {
        tokens.skipLines();
        while (!tokens.take("}")) {
            String word = tokens.next();
            switch (word) {
                case "counter" -> {
                    tokens.next();
                    skipBlock();
                }
                case "set", "map" -> named(tokens.next(), word.equals("map"));
                case "chain" -> chain(tokens.next());
                default -> throw tokens.unknown(word);
            }
            tokens.skipLines();
        }
    }

    private void skipBlock() throws NotUnderstoodException {
        tokens.expect("{");
        while (!tokens.take("}")) {
            tokens.next();
        }
    }

    private void named(String name, boolean map) throws NotUnderstoodException {
        tokens.expect("{");
        String type = "";
        List<Element> list = new ArrayList<>();
        tokens.skipLines();
        while (!tokens.take("}")) {
            String word = tokens.next();
            switch (word) {
                case "type" -> type = rest();
                case "flags", "size", "counter", "auto-merge", "comment" -> rest();
                case "elements" -> {
                    tokens.expect("=");
                    listed(list, map);
                }
                default -> throw tokens.unknown(word);
            }
            tokens.skipLines();
        }
        if (elements.put(name, new Elements(type, map, List.copyOf(list))) != null) {
            throw new NotUnderstoodException(tokens.line(), "`" + name + "` is defined twice");
        }
    }

    private String rest() throws NotUnderstoodException {
        List<String> words = new ArrayList<>();
        while (!tokens.atEnd()) {
            words.add(tokens.next());
        }
        return String.join(" ", words);
    }

    private void listed(List<Element> list, boolean map) throws NotUnderstoodException {
        tokens.expect("{");
        tokens.skipLines();
        while (!tokens.take("}")) {
            list.add(element(map));
            tokens.skipLines();
            if (!tokens.take(",") && !tokens.peek().equals("}")) {
                throw tokens.unknown(tokens.peek());
            }
            tokens.skipLines();
        }
    }

    private Element element(boolean map) throws NotUnderstoodException {
        List<Field> fields = new ArrayList<>();
        do {
            tokens.skipLines();
            fields.add(Literals.field(tokens.next(), tokens));
        } while (tokens.take("."));
        Optional<Verdict> verdict = Optional.empty();
        while (verdict.isEmpty() && !tokens.peek().equals(",") && !tokens.peek().equals("}")) {
            String word = tokens.next();
            switch (word) {
                case Tokens.END -> tokens.skipLines();
                case "comment" -> tokens.next();
                case "counter" -> statements.packets();
                case ":" -> verdict = Optional.of(statements.verdict(tokens.next()));
                default -> throw tokens.unknown(word);
            }
        }
        if (map != verdict.isPresent()) {
            throw new NotUnderstoodException(tokens.line(), "an element of a map has a verdict");
        }
        return new Element(List.copyOf(fields), verdict);
    }

    private void chain(String name) throws NotUnderstoodException {
        tokens.expect("{");
        Optional<Hook> hook = Optional.empty();
        List<Rule> rules = new ArrayList<>();
        tokens.skipLines();
        while (!tokens.take("}")) {
            if (tokens.take("type")) {
                hook = Optional.of(hook());
            } else {
                int line = tokens.line();
                List<Statement> rule = new ArrayList<>();
                while (!tokens.atEnd()) {
                    rule.addAll(statements.statement());
                }
                rules.add(new Rule(line, List.copyOf(rule)));
            }
            tokens.skipLines();
        }
        if (chains.put(name, new Chain(name, hook, List.copyOf(rules))) != null) {
            throw new NotUnderstoodException(tokens.line(), "`" + name + "` is defined twice");
        }
    }

    /** {@code type filter hook forward priority filter; policy drop;}. */
    private Hook hook() throws NotUnderstoodException {
        tokens.expect("filter");
        tokens.expect("hook");
        String name = tokens.next();
        tokens.expect("priority");
        String priority = rest();
        tokens.skipLines();
        boolean accepts = true;
        if (tokens.take("policy")) {
            String policy = tokens.next();
            if (!policy.equals("accept") && !policy.equals("drop")) {
                throw tokens.unknown(policy);
            }
            accepts = policy.equals("accept");
        }
        return new Hook(name, priority, accepts);
    }
}
