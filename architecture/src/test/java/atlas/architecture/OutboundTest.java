package atlas.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever calls out does so by TLS 1.3, follows no redirect and goes through no proxy. */
class OutboundTest {
    private static final Pattern CLIENT =
            Pattern.compile("HttpClient\\s*\\.newBuilder\\(\\)(.*?)\\.build\\(\\)", Pattern.DOTALL);

    /** Opens sockets only to speak TLS over them; or tries whether anybody would answer at all. */
    private static final String SOCKETS =
            "atlas[.](export[.]send[.]TlsPins|control[.]posture[.](EgressCheck|TlsCheck))";

    private static final JavaClasses ATLAS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("atlas");

    @Test
    void everyClientIsBuiltToGoNowhereElse() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources()) {
            String text = Files.readString(file);
            assertThat(text).as("%s names an older TLS", file).doesNotContain("\"TLSv1.2\"");
            Matcher client = CLIENT.matcher(text);
            while (client.find()) {
                found.add(file.toString());
                assertThat(client.group(1))
                        .as("the client in %s", file)
                        .contains(".sslParameters(")
                        .contains(".followRedirects(HttpClient.Redirect.NEVER)")
                        .contains(".proxy(HttpClient.Builder.NO_PROXY)");
                assertThat(
                                text.contains("setProtocols(new String[] {\"TLSv1.3\"})")
                                        || text.contains("TlsPins.parameters()"))
                        .as("the protocols in %s", file)
                        .isTrue();
            }
        }
        assertThat(found).as("clients there are").hasSizeGreaterThan(4);
    }

    @Test
    void nobodyCallsOutInAnotherWay() {
        noClasses().should().callMethod(java.net.URL.class, "openConnection").check(ATLAS);
        noClasses().should().callMethod(java.net.URL.class, "openStream").check(ATLAS);
        noClasses()
                .should()
                .callMethod(java.net.http.HttpClient.class, "newHttpClient")
                .check(ATLAS);
        noClasses()
                .that()
                .haveNameNotMatching(SOCKETS)
                .should()
                .callConstructor(java.net.Socket.class)
                .check(ATLAS);
    }

    private static List<Path> sources() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("mvnw")) ? here : here.resolve("..").normalize();
        List<Path> all = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.toList()) {
                Path main = module.resolve("src/main/java");
                if (Set.of("bench", "fuzz", "peers").contains(module.getFileName().toString())
                        || !Files.isDirectory(main)) {
                    continue;
                }
                try (Stream<Path> files = Files.walk(main)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(all::add);
                }
            }
        }
        return all;
    }
}
