package atlas.registry.scan;

import atlas.registry.scan.TemplateTokens.Kind;
import atlas.registry.scan.TemplateTokens.Token;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Chat templates are programs that engines run. Only what formats messages is admitted: a closed
 * set of statements, functions, methods and filters, no underscored names however spelled, no
 * computed look-ups, nothing that grows without bound.
 */
final class ChatTemplate {
    private static final int MAX_CHARACTERS = 1 << 17;
    private static final long MAX_NUMBER = 100_000;
    private static final Set<String> STATEMENTS =
            Set.of(
                    "for",
                    "endfor",
                    "if",
                    "elif",
                    "else",
                    "endif",
                    "set",
                    "endset",
                    "macro",
                    "endmacro",
                    "generation",
                    "endgeneration",
                    "break",
                    "continue");
    private static final Set<String> FUNCTIONS =
            Set.of("raise_exception", "strftime_now", "namespace", "range", "dict");
    private static final Set<String> METHODS =
            Set.of(
                    "strip",
                    "lstrip",
                    "rstrip",
                    "split",
                    "items",
                    "keys",
                    "values",
                    "get",
                    "startswith",
                    "endswith",
                    "upper",
                    "lower",
                    "title",
                    "capitalize",
                    "replace",
                    "append",
                    "find",
                    "count");
    private static final Set<String> FILTERS =
            Set.of(
                    "trim",
                    "tojson",
                    "length",
                    "count",
                    "join",
                    "upper",
                    "lower",
                    "title",
                    "capitalize",
                    "replace",
                    "default",
                    "d",
                    "first",
                    "last",
                    "list",
                    "string",
                    "int",
                    "float",
                    "reverse",
                    "items",
                    "dictsort",
                    "selectattr",
                    "rejectattr",
                    "map",
                    "indent",
                    "safe",
                    "e",
                    "escape",
                    "unique",
                    "sort",
                    "sum",
                    "min",
                    "max",
                    "abs",
                    "round",
                    "equalto");
    private static final Set<String> NAMES =
            Set.of(
                    "self",
                    "lipsum",
                    "cycler",
                    "joiner",
                    "request",
                    "config",
                    "g",
                    "session",
                    "app",
                    "url_for",
                    "get_flashed_messages",
                    "os",
                    "sys",
                    "subprocess",
                    "open",
                    "eval",
                    "exec",
                    "compile",
                    "getattr",
                    "setattr",
                    "globals",
                    "locals",
                    "vars",
                    "builtins",
                    "environ",
                    "caller",
                    "varargs",
                    "kwargs");
    private static final Set<String> OPERATOR_WORDS =
            Set.of("in", "not", "and", "or", "is", "if", "else");

    private final List<Token> tokens;
    private final Set<String> macros = new HashSet<>();
    private final Set<String> loopNames = new HashSet<>();
    private String openMacro = "";

    private ChatTemplate(List<Token> tokens) {
        this.tokens = tokens;
    }

    static void examine(String template, long offset, Examination out) {
        if (template.length() > MAX_CHARACTERS) {
            out.refuse("a chat template is longer than " + MAX_CHARACTERS + " characters", offset);
            return;
        }
        try {
            new ChatTemplate(TemplateTokens.of(template)).examine();
        } catch (Malformed e) {
            out.refuse("a chat template may not contain this: " + e.what(), offset + e.offset());
        }
    }

    private void examine() throws Malformed {
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            switch (token.kind()) {
                case STATEMENT -> statement(i);
                case NAME -> name(i);
                case TEXT -> text(token);
                case NUMBER -> number(token);
                case OPERATOR -> operator(i);
                case EXPRESSION, END -> {}
            }
        }
    }

    private Token at(int i) {
        return i >= 0 && i < tokens.size() ? tokens.get(i) : TemplateTokens.NONE;
    }

    private void statement(int i) throws Malformed {
        Token keyword = at(i + 1);
        if (keyword.kind() != Kind.NAME || !STATEMENTS.contains(keyword.text())) {
            throw new Malformed("the statement `" + keyword.shown() + "`", keyword.offset());
        }
        switch (keyword.text()) {
            case "macro" -> openMacro = at(i + 2).text();
            case "endmacro" -> {
                macros.add(openMacro);
                openMacro = "";
            }
            case "for" -> {
                for (int n = i + 2; at(n).kind() == Kind.NAME && !at(n).is("in"); n++) {
                    loopNames.add(at(n).text());
                    n += at(n + 1).is(",") ? 1 : 0;
                }
            }
            default -> {}
        }
    }

    private void name(int i) throws Malformed {
        Token token = at(i);
        Token before = at(i - 1);
        boolean called = at(i + 1).is("(");
        if (token.text().startsWith("_") || token.text().contains("__")) {
            throw new Malformed("an underscored name", token.offset());
        }
        if (before.is(".")) {
            if (called && !METHODS.contains(token.text())) {
                throw new Malformed("the method `" + token.shown() + "`", token.offset());
            }
        } else if (before.is("|")) {
            if (!FILTERS.contains(token.text())) {
                throw new Malformed("the filter `" + token.shown() + "`", token.offset());
            }
        } else if (NAMES.contains(token.text())) {
            throw new Malformed("the name `" + token.shown() + "`", token.offset());
        } else if (called && !before.is("is") && !mayCall(i)) {
            throw new Malformed("the function `" + token.shown() + "`", token.offset());
        }
    }

    // A macro may call those before it, not itself: no recursion.
    private boolean mayCall(int i) {
        String name = at(i).text();
        return FUNCTIONS.contains(name)
                || macros.contains(name)
                || OPERATOR_WORDS.contains(name)
                || at(i - 1).is("macro")
                || at(i - 2).is("is")
                || (STATEMENTS.contains(name) && at(i - 1).kind() == Kind.STATEMENT);
    }

    private static void text(Token token) throws Malformed {
        String text = token.text();
        if (text.contains("__") || text.startsWith("_") || text.endsWith("_")) {
            throw new Malformed("a text that spells part of an underscored name", token.offset());
        }
        for (int at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
            char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
            if ("xuUN01234567".indexOf(next) >= 0) {
                throw new Malformed("a text with escaped characters", token.offset());
            }
        }
    }

    private static void number(Token token) throws Malformed {
        if (token.text().length() > 9 || Double.parseDouble(token.text()) > MAX_NUMBER) {
            throw new Malformed("a number above " + MAX_NUMBER, token.offset());
        }
    }

    private void operator(int i) throws Malformed {
        Token token = at(i);
        Token before = at(i - 1);
        if (token.is("**")) {
            throw new Malformed("a power", token.offset());
        }
        boolean repeats = before.kind() == Kind.TEXT || before.is("]") || before.is(")");
        if (token.is("*") && (repeats || at(i + 1).kind() == Kind.TEXT || at(i + 1).is("["))) {
            throw new Malformed("a repetition", token.offset());
        }
        if (token.is("%") && before.kind() == Kind.TEXT) {
            throw new Malformed("a formatted text", token.offset());
        }
        boolean subscript =
                (before.kind() == Kind.NAME && !OPERATOR_WORDS.contains(before.text()))
                        || before.is("]")
                        || before.is(")");
        if (token.is("[") && subscript) {
            subscript(i);
        }
        if (token.is("[") && before.kind() == Kind.TEXT) {
            throw new Malformed("a text taken apart", token.offset());
        }
    }

    // A look-up by name is written out, or by a loop's variable; anything else is arithmetic.
    private void subscript(int i) throws Malformed {
        Token first = at(i + 1);
        boolean single = at(i + 2).is("]");
        if (first.kind() == Kind.NAME && single && !loopNames.contains(first.text())) {
            throw new Malformed("a computed look-up", first.offset());
        }
        if (first.kind() == Kind.TEXT && !single) {
            throw new Malformed("a computed look-up", first.offset());
        }
    }
}
