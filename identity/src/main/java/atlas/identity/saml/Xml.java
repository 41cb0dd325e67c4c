package atlas.identity.saml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Writes XML text; every value is escaped, because there is no other way to put one in. */
final class Xml {
    private final StringBuilder out = new StringBuilder(1024);
    private final Deque<String> open = new ArrayDeque<>();
    private boolean inTag;

    Xml start(String name) {
        endTag();
        out.append('<').append(name);
        open.push(name);
        inTag = true;
        return this;
    }

    Xml attribute(String name, String value) {
        if (!inTag) {
            throw new IllegalStateException("an attribute goes into a start tag");
        }
        out.append(' ').append(name).append("=\"").append(escaped(value)).append('"');
        return this;
    }

    Xml text(String value) {
        endTag();
        out.append(escaped(value));
        return this;
    }

    Xml end() {
        String name = open.pop();
        if (inTag) {
            out.append("/>");
            inTag = false;
        } else {
            out.append("</").append(name).append('>');
        }
        return this;
    }

    /** An element with nothing but text. */
    Xml leaf(String name, String value) {
        return start(name).text(value).end();
    }

    private void endTag() {
        if (inTag) {
            out.append('>');
            inTag = false;
        }
    }

    byte[] bytes() {
        while (!open.isEmpty()) {
            end();
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    static String escaped(String value) {
        StringBuilder safe = new StringBuilder(value.length() + 16);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\t', '\n', '\r' -> safe.append("&#").append((int) c).append(';');
                default -> safe.append(c);
            }
        }
        return safe.toString();
    }
}
