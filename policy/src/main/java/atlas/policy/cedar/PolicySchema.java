package atlas.policy.cedar;

import atlas.policy.Action;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The schema of the policy file, written from the actions and facts there are. */
public final class PolicySchema {
    static final String NAMESPACE = "Atlas::";
    static final String PRINCIPAL = NAMESPACE + "Principal";
    static final String ROLE = NAMESPACE + "Role";
    static final String GROUP = NAMESPACE + "Group";
    static final String ACTION = NAMESPACE + "Action";
    static final String READS = "reads";
    static final String CHANGES = "changes";

    private static final String INFERENCE = "Inference";
    private static final String CALL = "Call";

    private PolicySchema() {}

    /** In Cedar's own notation. */
    public static String text() {
        StringBuilder out = new StringBuilder();
        out.append("namespace Atlas {\n");
        entities(out);
        out.append("\n");
        record(out, "Credential", "context.credential.");
        record(out, "Request", "context.request.");
        contexts(out);
        out.append("\n  // Groups of actions: everything that only looks, and everything else.\n");
        out.append("  action \"").append(READS).append("\";\n");
        out.append("  action \"").append(CHANGES).append("\";\n\n");
        for (Action action : Action.values()) {
            out.append(
                    ("  action \"%s\" in [\"%s\"] appliesTo {\n"
                                    + "    principal: [Principal],\n"
                                    + "    resource: [%s],\n"
                                    + "    context: %s\n"
                                    + "  };\n")
                            .formatted(
                                    action.wireName(),
                                    group(action),
                                    typeName(action.kind()),
                                    action == Action.MODEL_INFER ? INFERENCE : CALL));
        }
        return out.append("}\n").toString();
    }

    /** The entity type of a kind of resource: {@code Atlas::Model}. */
    static String type(String kind) {
        return NAMESPACE + typeName(kind);
    }

    /** The group of actions an action is in. */
    static String group(Action action) {
        return action.changes() ? CHANGES : READS;
    }

    private static String typeName(String kind) {
        return kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1);
    }

    private static void entities(StringBuilder out) {
        out.append("  entity Role;\n  entity Group;\n");
        out.append("  entity Principal in [Role, Group] {\n");
        attributes(out, "principal.", "    ");
        out.append("  } tags String;\n");
        out.append("  entity Model {\n");
        attributes(out, "resource.", "    ");
        out.append("  };\n");
        List<String> others =
                Arrays.stream(Action.values())
                        .map(Action::kind)
                        .distinct()
                        .filter(kind -> !kind.equals("model") && !kind.equals("role"))
                        .map(PolicySchema::typeName)
                        .toList();
        out.append("  entity ").append(String.join(", ", others)).append(";\n");
    }

    private static void record(StringBuilder out, String name, String prefix) {
        out.append("  type ").append(name).append(" = {\n");
        attributes(out, prefix, "    ");
        out.append("  };\n");
    }

    private static void contexts(StringBuilder out) {
        for (String name : List.of(CALL, INFERENCE)) {
            out.append("  type ").append(name).append(" = {\n");
            attributes(out, "context.", "    ");
            out.append("    credential: Credential,\n");
            if (name.equals(INFERENCE)) {
                out.append("    request: Request,\n");
            }
            out.append("  };\n");
        }
    }

    /** The facts directly below a prefix, one a line, with what they mean. */
    private static void attributes(StringBuilder out, String prefix, String indent) {
        for (Map.Entry<String, Fact> entry : below(prefix).entrySet()) {
            Fact fact = entry.getValue();
            out.append(
                    "%s%s%s: %s, // %s\n"
                            .formatted(
                                    indent,
                                    entry.getKey(),
                                    fact.optional() ? "?" : "",
                                    fact.type().cedarName(),
                                    fact.meaning()));
        }
    }

    private static Map<String, Fact> below(String prefix) {
        Map<String, Fact> found = new LinkedHashMap<>();
        for (Fact fact : Fact.values()) {
            String name = fact.dotted();
            if (fact.attribute()
                    && name.startsWith(prefix)
                    && name.indexOf('.', prefix.length()) < 0) {
                found.put(name.substring(prefix.length()), fact);
            }
        }
        return found;
    }
}
