package atlas.identity.saml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One attack of the corpus, one file each; the file's name is the claim.
 *
 * @param binding {@code login}, {@code logout-post} or {@code logout-redirect}
 * @param before another message that is accepted first; empty when there is none
 * @param reason why it is refused
 * @param message XML, or a raw query for the redirect binding
 */
public record Attack(String name, String binding, String before, String reason, String message) {
    private static final String FOLDER = "/identity/attacks/saml/";

    static Attack login(String name, String reason, String message) {
        return new Attack(name, "login", "", reason, message);
    }

    /** The whole corpus, by name, wherever it was packed. */
    public static List<Attack> all() {
        return names().stream().map(Attack::read).toList();
    }

    private static List<String> names() {
        return new String(bytes("index.txt"), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private static Attack read(String name) {
        String text = new String(bytes(name + ".saml"), StandardCharsets.UTF_8);
        int blank = text.indexOf("\n\n");
        String[] head = text.substring(0, blank).split("\n");
        return new Attack(
                name,
                value(head[0], "binding: "),
                value(head[1], "before: "),
                value(head[2], "reason: "),
                text.substring(blank + 2));
    }

    private static String value(String line, String label) {
        if (!line.startsWith(label.strip())) {
            throw new AssertionError("`" + line + "` does not start with " + label);
        }
        return line.substring(label.strip().length()).strip();
    }

    private static byte[] bytes(String file) {
        try (var in = Attack.class.getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new AssertionError("no " + file + " in the corpus");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text() {
        return "binding: %s\nbefore: %s\nreason: %s\n\n%s"
                .formatted(binding, before, reason, message);
    }

    /** Replaces the corpus by these; what is no longer among them goes. */
    static void write(List<Attack> attacks) throws IOException {
        Path folder = Path.of("src/test/resources" + FOLDER);
        Files.createDirectories(folder);
        try (Stream<Path> old = Files.list(folder)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        for (Attack attack : attacks) {
            Files.writeString(folder.resolve(attack.name + ".saml"), attack.text());
        }
        Files.writeString(
                folder.resolve("index.txt"),
                String.join("\n", attacks.stream().map(Attack::name).sorted().toList()) + "\n");
    }

    /** A genuine message, for what needs one to be accepted first. */
    public static String genuine(TestIdp idp, String name) {
        return switch (name) {
            case "genuine-response" -> new Answer(idp).xml();
            case "genuine-logout" -> Logouts.posted(idp, Logouts.request());
            default -> throw new AssertionError("no genuine message `" + name + "`");
        };
    }
}
