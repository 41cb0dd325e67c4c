package atlas.cli;

import atlas.control.ControlConfig;
import atlas.control.LoginConfig;
import atlas.gateway.GatewayConfig;
import atlas.identity.IdentityConfig;
import atlas.identity.saml.SamlConfig;
import atlas.journal.JournalSettings;
import atlas.node.NodeConfig;
import atlas.policy.PolicyConfig;
import atlas.runtime.Config;
import atlas.runtime.ConfigException;
import atlas.runtime.ConfigProblem;
import java.nio.file.Path;
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

    /** The sections of the file by name. */
    static Map<String, Class<? extends Record>> sections() {
        Map<String, Class<? extends Record>> sections = new LinkedHashMap<>();
        sections.put("trust", TrustSettings.class);
        sections.put("identity", IdentityConfig.class);
        sections.put("saml", SamlConfig.class);
        sections.put("policy", PolicyConfig.class);
        sections.put("journal", JournalSettings.class);
        sections.put("gateway", GatewayConfig.class);
        sections.put("control", ControlConfig.class);
        sections.put("login", LoginConfig.class);
        sections.put("node", NodeConfig.class);
        sections.put("link", LinkSettings.class);
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
        return file.map(f -> Config.check(f, sections(), System.getenv())).orElseGet(List::of);
    }
}
