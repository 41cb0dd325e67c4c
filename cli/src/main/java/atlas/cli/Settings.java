package atlas.cli;

import atlas.control.BackupConfig;
import atlas.control.ControlConfig;
import atlas.control.LoginConfig;
import atlas.control.WitnessConfig;
import atlas.gateway.GatewayConfig;
import atlas.guard.GuardSettings;
import atlas.identity.IdentityConfig;
import atlas.identity.saml.SamlConfig;
import atlas.journal.JournalSettings;
import atlas.node.NodeConfig;
import atlas.policy.PolicyConfig;
import atlas.runtime.Config;
import atlas.runtime.ConfigException;
import atlas.runtime.ConfigProblem;
import atlas.vault.VaultSettings;
import atlas.vectors.VectorsConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code atlas.yaml}: which sections there are, and reading them. */
final class Settings {
    private final Optional<Path> file;

    Settings(Optional<Path> file) {
        this.file = file;
    }

    /** Where the file lies. */
    Optional<Path> folder() {
        return file.map(Path::toAbsolutePath).map(Path::getParent);
    }

    /** The sections of the file by name. */
    static Map<String, Class<? extends Record>> sections() {
        Map<String, Class<? extends Record>> sections = new LinkedHashMap<>();
        sections.put("trust", TrustSettings.class);
        sections.put("identity", IdentityConfig.class);
        sections.put("saml", SamlConfig.class);
        sections.put("policy", PolicyConfig.class);
        sections.put("journal", JournalSettings.class);
        sections.put("vault", VaultSettings.class);
        sections.put("backup", BackupConfig.class);
        sections.put("gateway", GatewayConfig.class);
        sections.put("vectors", VectorsConfig.class);
        sections.put("guard", GuardSettings.class);
        sections.put("control", ControlConfig.class);
        sections.put("login", LoginConfig.class);
        sections.put("node", NodeConfig.class);
        sections.put("witness", WitnessConfig.class);
        sections.put("link", LinkSettings.class);
        sections.put("network", NetworkSettings.class);
        sections.put("health", HealthSettings.class);
        sections.put("posture", PostureSettings.class);
        return sections;
    }

    /** A section, or what it is without a file. */
    <T extends Record> T section(String name, Class<T> type, T defaults) {
        if (file.isEmpty()) {
            return defaults;
        }
        try {
            return Config.load(file.get(), name, type, System.getenv());
        } catch (ConfigException e) {
            throw Stop.usage(String.valueOf(e.getMessage()));
        }
    }

    /** Everything wrong with the file. */
    List<ConfigProblem> problems() {
        List<ConfigProblem> each =
                file.map(f -> Config.check(f, sections(), System.getenv())).orElseGet(List::of);
        return each.isEmpty() ? together() : each;
    }

    /** What holds in each section and not between them. */
    private List<ConfigProblem> together() {
        IdentityConfig identity = Installation.identity(this);
        boolean agent = identity.workloadApi().isPresent();
        List<String> filed =
                identity.svidFiles().stream().map(IdentityConfig.SvidFiles::process).toList();
        ControlConfig control = section("control", ControlConfig.class, ControlConfig.defaults());
        LinkSettings link = section("link", LinkSettings.class, LinkSettings.defaults());
        List<ConfigProblem> problems = new ArrayList<>();
        KeptVectors.problem(this).ifPresent(problems::add);
        if (!control.admit().isEmpty() && !agent && !filed.contains("control")) {
            problems.add(
                    new ConfigProblem(
                            0,
                            0,
                            "control.admit",
                            "lets gateways and nodes in by SVID, and there is none to show them",
                            "say `identity.workload-api`, or `identity.svid-files` for `control`"));
        }
        if (link.control().isPresent()
                && !agent
                && !filed.contains("gateway")
                && !filed.contains("node")) {
            problems.add(
                    new ConfigProblem(
                            0,
                            0,
                            "link.control",
                            "is for a gateway or node with an SVID of its own",
                            "say `identity.workload-api` or `identity.svid-files`, or take it out"
                                    + " and join with a token"));
        }
        try {
            var unused = OwnSegment.of(this);
        } catch (Stop e) {
            problems.add(new ConfigProblem(0, 0, "network", String.valueOf(e.getMessage()), ""));
        }
        return problems;
    }
}
