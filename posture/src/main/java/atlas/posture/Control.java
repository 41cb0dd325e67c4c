package atlas.posture;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a task of the rollout brings about, and a check can measure. */
public enum Control {
    AUTHENTICATION(
            List.of("authenticat"),
            new Mapping(
                    List.of("1", "2", "6"),
                    "Identity: Authentication",
                    List.of("LLM02", "LLM06"),
                    "Secure the deployment environment: enforce strict access controls",
                    "IAM")),
    ROLES(
            List.of("rbac", "role-based", "role based", "access control", "least privilege"),
            new Mapping(
                    List.of("3", "4"),
                    "Identity: Access Management",
                    List.of("LLM03", "LLM04"),
                    "Secure the deployment environment: enforce strict access controls",
                    "IAM")),
    JOURNAL(
            List.of("journal", "audit log", "activity log", "audit trail"),
            new Mapping(
                    List.of("5", "7"),
                    "Visibility and Analytics",
                    List.of("LLM02", "LLM06"),
                    "Secure AI operation and maintenance: conduct audits",
                    "LOG")),
    SEGMENTATION(
            List.of("segment", "subnet"),
            new Mapping(
                    List.of("2"),
                    "Networks: Network Segmentation",
                    List.of("LLM03", "LLM04"),
                    "Secure the deployment environment: harden deployment environment"
                            + " configurations",
                    "IVS")),
    TLS(
            List.of("tls", "encryption in transit", "encrypt traffic"),
            new Mapping(
                    List.of("2"),
                    "Networks: Traffic Encryption",
                    List.of("LLM02"),
                    "Secure the deployment environment: harden deployment environment"
                            + " configurations",
                    "CEK")),
    EGRESS(
            List.of("egress", "outbound"),
            new Mapping(
                    List.of("2", "4"),
                    "Networks: Traffic Management",
                    List.of("LLM02", "LLM03"),
                    "Secure the deployment environment: protect deployment networks from threats",
                    "IVS")),
    INJECTION(
            List.of("injection", "prompt guard", "jailbreak"),
            new Mapping(
                    List.of("4", "7"),
                    "Applications: Application Threat Protections",
                    List.of("LLM01", "LLM08", "LLM10"),
                    "Continuously protect the AI system: secure exposed APIs",
                    "AIS")),
    SIGNING(
            List.of("sign", "provenance", "artifact integrity"),
            new Mapping(
                    List.of("5"),
                    "Devices: Asset and Supply Chain Risk Management",
                    List.of("LLM04", "LLM05"),
                    "Continuously protect the AI system: validate the AI system before and during"
                            + " use",
                    "MDS")),
    ANOMALY(
            List.of("anomal", "monitor"),
            new Mapping(
                    List.of("5", "7"),
                    "Visibility and Analytics; Automation and Orchestration",
                    List.of("LLM06", "LLM02"),
                    "Continuously protect the AI system: actively monitor model behavior",
                    "TVM")),
    CUSTOMER_KEYS(
            List.of("customer-managed", "customer managed", "byok", "encryption key", "hsm"),
            new Mapping(
                    List.of("1"),
                    "Data: Data Encryption",
                    List.of("LLM02", "LLM09"),
                    "Continuously protect the AI system: protect model weights",
                    "CEK"));

    private final List<String> words;
    private final Mapping mapping;

    Control(List<String> words, Mapping mapping) {
        this.words = words;
        this.mapping = mapping;
    }

    /**
     * Where other frameworks ask for the same.
     *
     * @param tenets of NIST SP 800-207, by number
     * @param maturity pillar and function of CISA's Zero Trust Maturity Model 2.0
     * @param owasp entries of the OWASP Top 10 for LLM applications, 2026
     * @param deploying the heading in NSA and CISA, Deploying AI Systems Securely
     * @param aicm domain of CSA's AI Controls Matrix
     */
    public record Mapping(
            List<String> tenets,
            String maturity,
            List<String> owasp,
            String deploying,
            String aicm) {
        public Mapping {
            tenets = List.copyOf(tenets);
            owasp = List.copyOf(owasp);
        }
    }

    /** The name in files and answers: {@code customer_keys}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Mapping mapping() {
        return mapping;
    }

    /** The control with this name; empty when there is none. */
    public static Optional<Control> ofWireName(String name) {
        for (Control control : values()) {
            if (control.wireName().equals(name)) {
                return Optional.of(control);
            }
        }
        return Optional.empty();
    }

    /** What a task is about, by its words; the first that fits in the order of this list. */
    static Optional<Control> of(String task) {
        String text = task.toLowerCase(Locale.ROOT);
        for (Control control : values()) {
            if (control.words.stream().anyMatch(text::contains)) {
                return Optional.of(control);
            }
        }
        return Optional.empty();
    }
}
