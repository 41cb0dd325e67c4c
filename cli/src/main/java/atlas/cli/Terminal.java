package atlas.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** What a command prints: data on stdout as text or JSON, talk on stderr. */
final class Terminal {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;

    private Terminal(PrintWriter out, PrintWriter err, boolean json) {
        this.out = out;
        this.err = err;
        this.json = json;
    }

    static Terminal of(CommandSpec spec, Shared shared) {
        return new Terminal(
                spec.commandLine().getOut(), spec.commandLine().getErr(), shared.json());
    }

    boolean json() {
        return json;
    }

    /** A line for a person. */
    void say(String text) {
        err.println(text);
        err.flush();
    }

    /** A line of data. */
    void print(String text) {
        out.println(text);
        out.flush();
    }

    /** A piece of data without a line end, at once. */
    void stream(String text) {
        out.print(text);
        out.flush();
    }

    /** One object as a line of JSON, or as {@code name: value} lines. */
    void object(JsonNode object) {
        if (json || !object.isObject()) {
            print(object.toString());
            return;
        }
        int width = 0;
        for (var field : object.properties()) {
            width = Math.max(width, field.getKey().length());
        }
        for (var field : object.properties()) {
            print(
                    field.getKey()
                            + " ".repeat(width - field.getKey().length() + 2)
                            + plain(field.getValue()));
        }
    }

    /** Rows as JSON lines, or as a table with these columns. */
    void rows(Iterable<JsonNode> rows, List<Column> columns) {
        if (json) {
            for (JsonNode row : rows) {
                print(row.toString());
            }
            return;
        }
        List<List<String>> table = new ArrayList<>();
        table.add(columns.stream().map(Column::title).toList());
        for (JsonNode row : rows) {
            table.add(columns.stream().map(column -> plain(column.of().apply(row))).toList());
        }
        int[] widths = new int[columns.size()];
        for (List<String> line : table) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : table) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i));
                if (i < widths.length - 1) {
                    text.append(" ".repeat(widths[i] - line.get(i).length() + 2));
                }
            }
            print(text.toString());
        }
    }

    /** One more row, when nobody knows yet how many there will be. */
    void line(JsonNode row, List<Column> columns) {
        print(
                json
                        ? row.toString()
                        : columns.stream()
                                .map(column -> plain(column.of().apply(row)))
                                .collect(Collectors.joining("  ")));
    }

    /** A table column. */
    record Column(String title, Function<JsonNode, JsonNode> of) {
        /** The column that shows one field. */
        static Column field(String title, String name) {
            return new Column(title, row -> row.path(name));
        }
    }

    /** Text safe to put on a terminal: control characters from data are shown, not obeyed. */
    static String safe(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
            if (control && clean == null) {
                clean = new StringBuilder(text.length() + 8).append(text, 0, i);
            }
            if (clean != null) {
                clean.append(control ? '\ufffd' : c);
            }
        }
        return clean == null ? text : clean.toString();
    }

    private static String plain(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "-";
        }
        if (value.isArray() && value.isEmpty()) {
            return "-";
        }
        if (value.isArray()) {
            List<String> parts = new ArrayList<>();
            value.forEach(part -> parts.add(plain(part)));
            return String.join(",", parts);
        }
        return safe(value.isTextual() ? value.asText() : value.toString());
    }
}
