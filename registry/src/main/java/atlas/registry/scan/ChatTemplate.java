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
    private static final long MAX_FACTOR = 64;
    private static final int MAX_PRODUCTS = 8;
    private static final int MAX_COUNTED = 2;
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
                    "index",
                    "join",
                    "rsplit",
                    "splitlines",
                    "removeprefix",
                    "removesuffix",
                    "isdigit",
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
                    "select",
                    "reject",
                    "selectattr",
                    "rejectattr",
                    "map",
                    "batch",
                    "truncate",
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
    // Filters that look things up by a name they are given, which must be written out.
    private static final Set<String> LOOKING_UP =
            Set.of(
                    "select",
                    "reject",
                    "selectattr",
                    "rejectattr",
                    "map",
                    "join",
                    "unique",
                    "sort",
                    "sum",
                    "min",
                    "max");
    private static final Set<String> BY_POSITION =
            Set.of("select", "reject", "selectattr", "rejectattr", "map");
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
    private final TemplateNames names;
    private String openMacro = "";
    private int products;
    private int loops;
    private int counted;

    private ChatTemplate(List<Token> tokens) {
        this.tokens = tokens;
        this.names = TemplateNames.of(tokens);
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
            case "for" -> loop(i + 2);
            case "endfor" -> {
                loops = Math.max(0, loops - 1);
                counted = Math.min(counted, loops);
            }
            case "set" -> assignment(i + 2);
            default -> {}
        }
    }

    private void loop(int first) throws Malformed {
        loops++;
        for (int v = first; at(v).kind() != Kind.END; v++) {
            if (at(v).is("range") && ++counted > MAX_COUNTED) {
                throw new Malformed("counting loops within each other", at(v).offset());
            }
        }
    }

    private void assignment(int first) throws Malformed {
        int equals = first;
        while (at(equals).kind() != Kind.END && !at(equals).is("=")) {
            equals++;
        }
        // A member of a namespace is itself only behind the namespace's name.
        String name = at(equals - 1).text();
        boolean member = at(equals - 2).is(".");
        String owner = member ? at(equals - 3).text() : "";
        int uses = 0;
        boolean grows = false;
        for (int v = equals + 1; at(v).kind() != Kind.END; v++) {
            boolean same = at(v).kind() == Kind.NAME && at(v).is(name);
            boolean behind = at(v - 1).is(".");
            uses += same && behind == member && (!member || at(v - 2).is(owner)) ? 1 : 0;
            grows |= at(v).is("~") || at(v).is("+");
        }
        if (uses > 1 && grows) {
            throw new Malformed("something that doubles", at(first).offset());
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
            lookUps(i);
        } else if (NAMES.contains(token.text())) {
            throw new Malformed("the name `" + token.shown() + "`", token.offset());
        } else if (called && !before.is("is") && !mayCall(i)) {
            throw new Malformed("the function `" + token.shown() + "`", token.offset());
        }
    }

    // What a filter looks up is one text, alone between its commas; a filter it names is known.
    private void lookUps(int filter) throws Malformed {
        if (!LOOKING_UP.contains(at(filter).text()) || !at(filter + 1).is("(")) {
            return;
        }
        boolean byPosition = BY_POSITION.contains(at(filter).text());
        int depth = 1;
        for (int n = filter + 2; depth > 0 && at(n).kind() != Kind.END; n++) {
            Token token = at(n);
            depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
            boolean named = token.is("attribute") && at(n + 1).is("=") && depth == 1;
            boolean first = byPosition && n == filter + 2 && !at(n + 1).is("=");
            if (!named && !first) {
                continue;
            }
            Token what = at(named ? n + 2 : n);
            Token after = at(named ? n + 3 : n + 1);
            boolean alone = after.is(",") || after.is(")");
            boolean whole = what.kind() == Kind.TEXT || what.kind() == Kind.NUMBER;
            if (!whole || !alone) {
                throw new Malformed("a computed look-up", token.offset());
            }
            if (first && at(filter).is("map") && !FILTERS.contains(what.text())) {
                throw new Malformed("the filter `" + what.shown() + "`", what.offset());
            }
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
        if (token.is("*")) {
            product(i);
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

    // Numbers are multiplied by small ones, a few times; texts and lists are not.
    private void product(int i) throws Malformed {
        Token before = at(i - 1);
        Token after = at(i + 1);
        boolean unpacks = before.is("(") || before.is(",");
        boolean repeats =
                before.kind() == Kind.TEXT
                        || before.is("]")
                        || before.is(")")
                        || after.kind() == Kind.TEXT
                        || after.is("[")
                        || after.is("(");
        boolean small = isSmall(before) || isSmall(after);
        if (unpacks || repeats || !small || ++products > MAX_PRODUCTS) {
            throw new Malformed("a repetition", at(i).offset());
        }
    }

    private static boolean isSmall(Token token) {
        return token.kind() == Kind.NUMBER && Long.parseLong(token.text()) <= MAX_FACTOR;
    }

    // A look-up by name is written out, or by a loop's variable; anything else is arithmetic.
    private void subscript(int i) throws Malformed {
        Token first = at(i + 1);
        boolean single = at(i + 2).is("]");
        if (first.kind() == Kind.NAME && single && !names.isKey(first.text())) {
            throw new Malformed("a computed look-up", first.offset());
        }
        if (first.kind() == Kind.TEXT && !single) {
            throw new Malformed("a computed look-up", first.offset());
        }
    }
}
