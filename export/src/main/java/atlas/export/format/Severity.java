package atlas.export.format;

import com.fasterxml.jackson.databind.JsonNode;

/** How much a fact should worry whoever watches, in the numbers of three standards. */
public enum Severity {
    /** Everything as it should be. */
    INFORMATIONAL(6, 1, 2),
    /** Somebody was refused, something was filtered. */
    LOW(5, 2, 4),
    /** A detector spoke quietly, or something failed. */
    MEDIUM(4, 3, 6),
    /** A detector spoke. */
    HIGH(3, 4, 8),
    /** A detector spoke of an attack under way. */
    CRITICAL(2, 5, 10);

    private final int syslog;
    private final int ocsf;
    private final int cef;

    Severity(int syslog, int ocsf, int cef) {
        this.syslog = syslog;
        this.ocsf = ocsf;
        this.cef = cef;
    }

    /** RFC 5424 §6.2.1. */
    int syslog() {
        return syslog;
    }

    /** OCSF {@code severity_id}. */
    int ocsf() {
        return ocsf;
    }

    /** CEF, 0 to 10. */
    int cef() {
        return cef;
    }

    static Severity of(String json) {
        return of(Fact.read(json));
    }

    static Severity of(JsonNode fact) {
        return switch (fact.path("kind").asText()) {
            case "alert.raised" -> alert(fact.path("severity").asText());
            case "access.refused", "access.refusals", "inference.denied", "token.refused" -> LOW;
            case "inference.outcome" ->
                    switch (fact.path("status").asText()) {
                        case "failed", "revoked" -> MEDIUM;
                        case "filtered" -> LOW;
                        default -> INFORMATIONAL;
                    };
            case "admin.act" ->
                    switch (fact.path("outcome").asText()) {
                        case "denied", "failed" -> LOW;
                        default -> INFORMATIONAL;
                    };
            case "model.changed" ->
                    fact.path("change").asText().equals("refused") ? MEDIUM : INFORMATIONAL;
            default -> INFORMATIONAL;
        };
    }

    private static Severity alert(String severity) {
        return switch (severity) {
            case "critical" -> CRITICAL;
            case "high" -> HIGH;
            case "low" -> LOW;
            case "info" -> INFORMATIONAL;
            default -> MEDIUM;
        };
    }
}
