package atlas.registry.scan;

import atlas.registry.scan.TemplateTokens.Kind;
import atlas.registry.scan.TemplateTokens.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which names of a template stand for something as it came, and which for something the template
 * itself put together. Only keys of what came are looked up: a name that is put together could
 * spell anything.
 */
final class TemplateNames {
    private static final Set<String> AS_IT_CAME =
            Set.of("items", "keys", "values", "dictsort", "sort", "list", "reverse");

    private final List<Token> tokens;
    private final Set<String> made = new HashSet<>();
    private final Set<String> loopNames = new HashSet<>();
    private final Map<String, List<String>> macros = new HashMap<>();

    private TemplateNames(List<Token> tokens) {
        this.tokens = tokens;
    }

    static TemplateNames of(List<Token> tokens) {
        TemplateNames names = new TemplateNames(tokens);
        int before;
        do {
            // What is made of something made is made: until nothing new is found.
            before = names.made.size();
            names.look();
        } while (names.made.size() > before);
        return names;
    }

    /** Whether a name is a loop's variable that goes over keys as they came. */
    boolean isKey(String name) {
        return loopNames.contains(name) && !made.contains(name);
    }

    private Token at(int i) {
        return i >= 0 && i < tokens.size() ? tokens.get(i) : TemplateTokens.NONE;
    }

    private void look() {
        for (int i = 0; i < tokens.size(); i++) {
            Token before = at(i - 1);
            if (before.kind() == Kind.STATEMENT && at(i).is("for")) {
                loop(i + 1);
            } else if (before.kind() == Kind.STATEMENT && at(i).is("set")) {
                assignment(i + 1);
            } else if (before.kind() == Kind.STATEMENT && at(i).is("macro")) {
                macro(i + 1);
            } else if (at(i).kind() == Kind.NAME && at(i + 1).is("(") && !before.is("macro")) {
                call(at(i).text(), i + 2);
            }
        }
    }

    private void loop(int first) {
        int in = first;
        while (at(in).kind() != Kind.END && !at(in).is("in")) {
            in++;
        }
        boolean asItCame = isPath(in + 1) || isCounted(in + 1) || isWrittenOut(in + 1);
        for (int i = first; i < in; i++) {
            if (at(i).kind() == Kind.NAME) {
                loopNames.add(at(i).text());
                if (!asItCame) {
                    made.add(at(i).text());
                }
            }
        }
    }

    private void assignment(int first) {
        int equals = first;
        while (at(equals).kind() != Kind.END && !at(equals).is("=")) {
            equals++;
        }
        if (equals == first + 1 && at(equals).is("=") && isPath(equals + 1)) {
            return;
        }
        for (int i = first; i < equals; i++) {
            if (at(i).kind() == Kind.NAME) {
                made.add(at(i).text());
            }
        }
    }

    private void macro(int name) {
        List<String> parameters = new ArrayList<>();
        for (int i = name + 2; !at(i).is(")") && at(i).kind() != Kind.END; i++) {
            if (at(i).kind() == Kind.NAME && (at(i - 1).is("(") || at(i - 1).is(","))) {
                parameters.add(at(i).text());
                // A default is written by the template.
                if (at(i + 1).is("=")) {
                    made.add(at(i).text());
                }
            }
        }
        macros.put(at(name).text(), parameters);
    }

    private void call(String macro, int first) {
        List<String> parameters = macros.getOrDefault(macro, List.of());
        int parameter = 0;
        int depth = 0;
        boolean begins = true;
        for (int i = first; depth >= 0 && at(i).kind() != Kind.END; i++) {
            Token token = at(i);
            if (begins && !token.is(")") && !isPath(i)) {
                make(parameters, parameter, token, at(i + 1));
            }
            depth += token.is("(") || token.is("[") || token.is("{") ? 1 : 0;
            depth -= token.is(")") || token.is("]") || token.is("}") ? 1 : 0;
            begins = depth == 0 && token.is(",");
            parameter += begins ? 1 : 0;
        }
    }

    private void make(List<String> parameters, int index, Token argument, Token after) {
        if (after.is("=")) {
            made.add(argument.text());
        } else if (index < parameters.size()) {
            made.add(parameters.get(index));
        }
    }

    /**
     * Whether what begins here is a variable or a part of one, as it came: nothing joined, cut or
     * written out, so that no name can be put together from it.
     */
    private boolean isPath(int first) {
        Token name = at(first);
        if (name.kind() != Kind.NAME || made.contains(name.text()) || isToken(name.text())) {
            return false;
        }
        int n = first + 1;
        while (!ends(at(n))) {
            boolean member = at(n).is(".") && at(n + 1).kind() == Kind.NAME;
            boolean kept = at(n).is("|") && AS_IT_CAME.contains(at(n + 1).text());
            boolean part =
                    at(n).is("[")
                            && at(n + 2).is("]")
                            && (at(n + 1).kind() == Kind.TEXT || at(n + 1).kind() == Kind.NUMBER);
            boolean called =
                    at(n).is("(") && at(n + 1).is(")") && AS_IT_CAME.contains(at(n - 1).text());
            if ((member || kept) && !isToken(at(n + 1).text())) {
                n += 2;
            } else if (called) {
                n += 2;
            } else if (part && !isToken(at(n + 1).text())) {
                n += 3;
            } else {
                return false;
            }
        }
        return true;
    }

    /** Whether numbers are counted: {@code range(…)} and nothing done to it. */
    private boolean isCounted(int first) {
        if (!at(first).is("range") || !at(first + 1).is("(")) {
            return false;
        }
        int depth = 1;
        int n = first + 2;
        while (depth > 0 && at(n).kind() != Kind.END) {
            depth += at(n).is("(") ? 1 : at(n).is(")") ? -1 : 0;
            n++;
        }
        return depth == 0 && ends(at(n));
    }

    /** Whether it is a list of texts, each checked like any other that is looked up. */
    private boolean isWrittenOut(int first) {
        int n = first + 1;
        while (at(n).kind() == Kind.TEXT && at(n + 1).is(",")) {
            n += 2;
        }
        n += at(n).kind() == Kind.TEXT ? 1 : 0;
        return at(first).is("[") && at(n).is("]") && ends(at(n + 1));
    }

    private static boolean ends(Token token) {
        return token.kind() == Kind.END
                || token.is("if")
                || token.is("recursive")
                || token.is(",")
                || token.is(")");
    }

    // Special tokens are written by whoever made the model, like the template itself.
    private static boolean isToken(String name) {
        return name.contains("token");
    }
}
