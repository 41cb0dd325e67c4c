package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.cli.Planes.Plane;
import atlas.core.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every route of both planes, as the routers list them, asked by a stranger and by each role over
 * real TLS. What comes of it is {@code docs/reference/route-matrix.md}; {@code
 * -Datlas.golden=write} rewrites it.
 *
 * <p>No question has an effect: each carries a parameter that no route takes, which is looked at
 * only after policy has said yes.
 */
class RouteMatrixTest {
    private static final Path GOLDEN = Path.of("../docs/reference/route-matrix.md");
    private static final Pattern VARIABLE = Pattern.compile("\\{[^}]*}");

    /** Texts in the sources of a plane that are paths a client could ask for. */
    private static final Pattern PATH =
            Pattern.compile(
                    "\"(/(?:v1|api|metrics|login|logout|saml|oauth2|\\.well-known|console)"
                            + "(?:/[^\"\\s]*)?)\"");

    @TempDir static Path temp;

    private static Planes planes;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        planes = new Planes(temp);
        client = planes.client();
    }

    @AfterAll
    static void stop() {
        client.shutdownNow();
        planes.close();
    }

    /** One line of a router: {@code open} ones a stranger may reach. */
    private record Listed(Plane plane, boolean open, String method, String pattern) {
        static Listed of(Plane plane, String text) {
            boolean open = text.startsWith("open ");
            String[] parts = (open ? text.substring(5) : text).split(" ", 2);
            return new Listed(plane, open, parts[0], parts[1]);
        }

        /** A path of this route: a value for each variable. */
        String path() {
            return VARIABLE.matcher(pattern.replace("{model...}", Planes.MODEL)).replaceAll("1");
        }

        URI uri() {
            // Only the API looks at a query; files and doors are there for exactly their path.
            String query = pattern.matches("/(api|metrics).*") ? "?no-such-parameter=1" : "";
            return planes.at(plane).resolve(path() + query);
        }
    }

    private static List<Listed> listed() {
        List<Listed> all = new ArrayList<>();
        for (Plane plane : Plane.values()) {
            planes.routes(plane).forEach(route -> all.add(Listed.of(plane, route)));
        }
        return all;
    }

    private static HttpResponse<String> ask(Listed route, String key)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(route.uri())
                        .method(
                                route.method(),
                                body(route).isEmpty()
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body(route)));
        if (!body(route).isEmpty()) {
            request.header("content-type", "application/json");
        }
        if (!key.isEmpty()) {
            request.header("authorization", "Bearer " + key);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What makes a gateway route tell "may not" from "may": the model must exist. */
    private static String body(Listed route) {
        if (route.plane() == Plane.CONTROL || !route.method().equals("POST")) {
            return "";
        }
        return switch (route.pattern()) {
            case "/v1/completions" ->
                    "{\"model\":\"%s\",\"prompt\":\"hi\"}".formatted(Planes.MODEL);
            case "/v1/embeddings" -> "{\"model\":\"%s\",\"input\":\"hi\"}".formatted(Planes.MODEL);
            case "/v1/messages" ->
                    ("{\"model\":\"%s\",\"max_tokens\":1,\"messages\":"
                                    + "[{\"role\":\"user\",\"content\":\"hi\"}]}")
                            .formatted(Planes.MODEL);
            default ->
                    "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                            .formatted(Planes.MODEL);
        };
    }

    @Test
    void aStrangerSeesTheSame401OnEveryRouteAndOnNone() throws Exception {
        for (Plane plane : Plane.values()) {
            TreeSet<String> bodies = new TreeSet<>();
            List<Listed> asked = new ArrayList<>(listed());
            for (String method : List.of("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
                asked.add(new Listed(plane, false, method, "/no/such/path"));
                asked.add(new Listed(plane, false, method, "/health"));
            }
            for (Listed route : asked) {
                if (route.plane() == plane && !route.open()) {
                    HttpResponse<String> answer = ask(route, "");
                    assertThat(answer.statusCode()).as(route.toString()).isEqualTo(401);
                    bodies.add(answer.body());
                    assertThat(ask(route, "nonsense").body())
                            .as("a wrong key for " + route)
                            .isEqualTo(answer.body());
                }
            }
            assertThat(bodies).as(plane.name()).hasSize(1);
        }
    }

    @Test
    void everyRoleMayExactlyWhatTheMatrixSays() throws Exception {
        StringBuilder page = new StringBuilder(PREAMBLE);
        List<Role> roles = Role.builtIn();
        for (Plane plane : Plane.values()) {
            page.append("\n## ").append(title(plane)).append("\n\n| route | stranger |");
            roles.forEach(role -> page.append(' ').append(role.wireName()).append(" |"));
            page.append("\n|---|---|").append("---|".repeat(roles.size())).append('\n');
            for (Listed route : listed()) {
                if (route.plane() == plane) {
                    page.append("| `").append(route.method()).append(' ').append(route.pattern());
                    page.append("` | ").append(said(route, ask(route, ""))).append(" |");
                    for (Role role : roles) {
                        page.append(' ').append(said(route, ask(route, planes.key(role))));
                        page.append(" |");
                    }
                    page.append('\n');
                }
            }
        }
        if ("write".equals(System.getProperty("atlas.golden"))) {
            Files.writeString(GOLDEN, page);
        }
        assertThat(page.toString()).isEqualTo(Files.readString(GOLDEN));
    }

    /** Refused outright, or not; a request that was only odd or incomplete was let through. */
    private static String said(Listed route, HttpResponse<String> answer) {
        int status = answer.statusCode();
        if (route.open() && status != 401) {
            return "yes";
        }
        return switch (status) {
            case 401, 403, 404 -> Integer.toString(status);
            case 200, 204, 400 -> "yes";
            default -> throw new AssertionError("an answer the matrix does not know: " + status);
        };
    }

    private static String title(Plane plane) {
        return plane == Plane.GATEWAY ? "Data plane" : "Control plane";
    }

    @Test
    void noPathIsWrittenInTheSourcesThatNoRouterLists() throws IOException {
        List<String> patterns = listed().stream().map(Listed::pattern).toList();
        List<String> unlisted = new ArrayList<>();
        for (String module : List.of("gateway", "control")) {
            for (Path file : sources(Path.of("..", module, "src/main/java"))) {
                Matcher paths = PATH.matcher(Files.readString(file));
                while (paths.find()) {
                    String path = paths.group(1).split("\\?", 2)[0];
                    if (patterns.stream().noneMatch(pattern -> isOf(path, pattern))) {
                        unlisted.add(file.getFileName() + ": " + path);
                    }
                }
            }
        }
        assertThat(unlisted).isEmpty();
    }

    /** A path, or the beginning of one that is put together in several pieces. */
    private static boolean isOf(String path, String pattern) {
        return pattern.equals(path) || pattern.startsWith(path);
    }

    private static List<Path> sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(".java")).sorted().toList();
        }
    }

    @Test
    void everyRoleIsAskedAbout() {
        assertThat(Role.builtIn())
                .extracting(role -> role.wireName().toLowerCase(Locale.ROOT))
                .contains("consumer", "operator", "model_admin", "security_admin", "auditor");
    }

    private static final String PREAMBLE =
            """
            # Who may use which route

            Generated by a test that asks every route of both routers over TLS, as a stranger and \
            with a credential of each built-in role and no other: `yes` means that policy let the \
            question through, 403 that it did not. On the data plane 404 is what a model one may \
            not use looks like. What is in neither table does not exist, and answers like \
            everything else: 401 to a stranger.

            A stranger's 401 has the same bytes on every route of a plane. The routes that say \
            `yes` to a stranger are the only ones that answer without a credential. The sign-in paths \
            are for a page of the console and its session: without them they say 401 or 403 to \
            everybody.
            """;
}
