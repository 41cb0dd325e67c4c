package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every page can be found, and no link in the documentation leads nowhere. */
class DocumentationIndexTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]+)(?:#[^)]*)?\\)");

    private static List<Path> pages(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
        }
    }

    @Test
    void everyPageIsInTheIndex() throws IOException {
        Path docs = ROOT.resolve("docs");
        String index = Files.readString(docs.resolve("README.md"));

        assertThat(pages(docs))
                .filteredOn(page -> !page.equals(docs.resolve("README.md")))
                .allMatch(page -> index.contains("](" + docs.relativize(page) + ")"));
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<Path> pages = new ArrayList<>(pages(ROOT.resolve("docs")));
        for (String page :
                List.of(
                        "README.md",
                        "ARCHITECTURE.md",
                        "CONTRIBUTING.md",
                        "SECURITY.md",
                        "bench/README.md",
                        "examples/README.md")) {
            pages.add(ROOT.resolve(page));
        }
        List<String> nowhere = new ArrayList<>();
        for (Path page : pages) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                Path folder = Objects.requireNonNull(page.getParent());
                if (!Files.exists(folder.resolve(link.group(1)))) {
                    nowhere.add(ROOT.relativize(page) + ": " + link.group(1));
                }
            }
        }
        assertThat(nowhere).isEmpty();
    }
}
