package atlas.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
    public record Listen(String host, int port, Duration idleTimeout, int maxBodyBytes) {
        public Listen {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("`port` must be between 0 and 65535");
            }
        }

        public static Listen defaults() {
            return new Listen("127.0.0.1", 8443, Duration.ofSeconds(75), 4 << 20);
        }
    }

    public record Issuer(String name, URI jwks, Set<Role> roles, Optional<String> claim) {}

    public record Gateway(
            Listen listen,
            List<Issuer> issuers,
            Optional<WorkloadId> node,
            Optional<Sensitive<String>> pepper,
            Map<String, Integer> weights,
            boolean strict) {
        public static Gateway defaults() {
            return new Gateway(
                    Listen.defaults(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    true);
        }
    }

    @TempDir private Path home;
    private Path file;

    @BeforeEach
    void place() {
        file = home.resolve("atlas.yaml");
    }

    private Gateway load(String yaml, Map<String, String> env) throws Exception {
        Files.writeString(file, yaml);
        return Config.load(file, "gateway", Gateway.class, env);
    }

    private List<ConfigProblem> problems(String yaml) throws Exception {
        Files.writeString(file, yaml);
        ConfigException refused =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> Config.load(file, "gateway", Gateway.class, Map.of()));
        assertThat(refused).isNotNull();
        return refused.problems();
    }

    @Test
    void takesDefaultsForWhatIsLeftOut() throws Exception {
        assertThat(load("", Map.of())).isEqualTo(Gateway.defaults());
        assertThat(load("gateway:\n  listen:\n    port: 1\n", Map.of()).listen())
                .isEqualTo(new Listen("127.0.0.1", 1, Duration.ofSeconds(75), 4 << 20));
    }

    @Test
    void readsUnitsListsMapsAndOwnTypes() throws Exception {
        Gateway gateway =
                load(
                        """
                        gateway:
                          listen: {idle-timeout: 500ms, max-body-bytes: 2MiB}
                          issuers:
                            - name: corp
                              jwks: https://id.example/jwks
                              roles: [operator, security-admin]
                          node: spiffe://atlas.local/node
                          weights: {a: 1, b: 2}
                          strict: false
                        """,
                        Map.of());
        assertThat(gateway.listen().idleTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(gateway.listen().maxBodyBytes()).isEqualTo(2 << 20);
        assertThat(gateway.issuers().getFirst().roles())
                .containsExactlyInAnyOrder(Role.OPERATOR, Role.SECURITY_ADMIN);
        assertThat(gateway.node()).contains(new WorkloadId("atlas.local", "/node"));
        assertThat(gateway.weights()).isEqualTo(Map.of("a", 1, "b", 2));
        assertThat(gateway.strict()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen: {prot: 1}|2|12|gateway.listen.prot|did you mean `port`?",
                "listen: {port: high}|2|18|gateway.listen.port|",
                "listen: {port: 70000}|2|11|gateway.listen|",
                "listen: {idle-timeout: 10}|2|26|gateway.listen.idle-timeout|write a number",
                "listen: {max-body-bytes: 4MB}|2|28|gateway.listen.max-body-bytes|write bytes",
                "listen: [1]|2|11|gateway.listen|",
                "node: spiffe://Atlas/node|2|9|gateway.node|",
                "issuers: [{name: a}]|2|13|gateway.issuers.0.jwks|",
                "strict: maybe|2|11|gateway.strict|",
                "pepper: hunter2|2|11|gateway.pepper|write `file:`",
                "weights: {a: x}|2|16|gateway.weights.a|"
            })
    void refusesWithPlaceAndHint(String line, int row, int column, String path, String hint)
            throws Exception {
        List<ConfigProblem> problems = problems("gateway:\n  " + line.replace("\\n", "\n") + "\n");
        ConfigProblem problem =
                problems.stream().filter(p -> p.path().equals(path)).findFirst().orElseThrow();
        assertThat(problem.line()).isEqualTo(row);
        assertThat(problem.column()).isEqualTo(column);
        assertThat(problem.hint()).contains(hint == null ? "" : hint);
        assertThat(problem.toString()).doesNotContain("hunter2");
    }

    @Test
    void reportsEveryProblemAtOnce() throws Exception {
        assertThat(problems("gateway:\n  strict: x\n  listen: {port: y}\n  extra: 1\n")).hasSize(3);
    }

    @Test
    void refusesKeysGivenTwiceAndBrokenYaml() throws Exception {
        assertThat(problems("gateway:\n  strict: true\n  strict: false\n")).isNotEmpty();
        assertThat(problems("gateway: [\n").getFirst().line()).isPositive();
        assertThat(problems("gateway:\n  listen: &a {port: 1}\n  node: *a\n")).isNotEmpty();
    }

    @Test
    void overridesScalarsFromTheEnvironment() throws Exception {
        Gateway gateway =
                load(
                        "gateway:\n  listen:\n    port: 1\n",
                        Map.of(
                                "ATLAS_GATEWAY_LISTEN_PORT", "9000",
                                "ATLAS_GATEWAY_NODE", "spiffe://td/n"));
        assertThat(gateway.listen().port()).isEqualTo(9000);
        assertThat(gateway.node()).contains(new WorkloadId("td", "/n"));
    }

    @Test
    void readsSecretsByReferenceAndNeverPrintsThem() throws Exception {
        Files.writeString(home.resolve("pepper"), "hunter2\n");
        Gateway gateway = load("gateway:\n  pepper: file:pepper\n", Map.of());
        assertThat(gateway.pepper().orElseThrow().reveal()).isEqualTo("hunter2");
        assertThat(Config.print(file, Map.of("gateway", Gateway.class), Map.of()))
                .contains("pepper: \"file:pepper\"")
                .doesNotContain("hunter2");
        Gateway other =
                load("gateway:\n  pepper: env:PEPPER\n", Map.of("PEPPER", "from the environment"));
        assertThat(other.pepper().orElseThrow().reveal()).isEqualTo("from the environment");
    }

    @Test
    void printsWhatReadsBackTheSame() throws Exception {
        String yaml =
                """
                gateway:
                  listen: {port: 7, idle-timeout: 250ms}
                  issuers: [{name: "true", jwks: "https://a/b", roles: [auditor]}]
                  weights: {a: 1}
                """;
        Gateway first = load(yaml, Map.of());
        String printed = Config.print(file, Map.of("gateway", Gateway.class), Map.of());
        assertThat(load(printed, Map.of())).isEqualTo(first);
    }

    @Test
    void checksSectionsAndNamesTheNearest() throws Exception {
        Files.writeString(file, "gatewy:\n  strict: true\n");
        List<ConfigProblem> problems =
                Config.check(file, Map.of("gateway", Gateway.class), Map.of());
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst().hint()).isEqualTo("did you mean `gateway`?");
    }

    @Test
    void refusesAMissingFile() {
        assertThat(Config.check(file, Map.of(), Map.of())).hasSize(1);
    }

    public record Trust(Path anchors, Path socket) {}

    @Test
    void saysWhereAFileIsNamedThatIsNotThere() throws Exception {
        String yaml = "trust:\n  anchors: ca.pem\n  socket: agent.sock\n";
        Files.writeString(file, yaml);

        List<ConfigProblem> problems = Config.check(file, Map.of("trust", Trust.class), Map.of());

        assertThat(problems)
                .singleElement()
                .hasToString(
                        "2:12: `trust.anchors`: there is no file `ca.pem`; relative paths start at"
                                + " the configuration's directory");

        Files.writeString(home.resolve("ca.pem"), "anchors");
        assertThat(Config.check(file, Map.of("trust", Trust.class), Map.of())).isEmpty();
    }

    @Test
    void writesASchemaThatClosesEveryObject() {
        String schema = Config.schema(Map.of("gateway", Gateway.class));
        assertThat(schema)
                .contains("\"max-body-bytes\"", "\"security-admin\"", "^(file|env):.+$")
                .containsPattern("\"required\" : \\[ \"name\", \"jwks\" \\]");
    }
}
