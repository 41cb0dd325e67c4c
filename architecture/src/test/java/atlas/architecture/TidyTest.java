package atlas.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * The style guide as a test. What breaks a rule on purpose stands in exceptions.txt with a reason.
 */
class TidyTest {
    private static final int MAX_FILE_LINES = 600;
    private static final int MAX_METHOD_LINES = 70;
    private static final int MAX_COLUMNS = 120;

    /** What is not written here, and what to write instead. */
    private static final Map<Pattern, String> BANNED =
            Map.of(
                    Pattern.compile("\\bTODO\\b(?!\\(#\\d+\\))|\\bFIXME\\b|\\bXXX\\b"),
                    "TODO(#issue), or do it",
                    Pattern.compile("\\bMath\\.random\\("),
                    "SecureRandom",
                    Pattern.compile("Thread\\.sleep\\("),
                    "wait for the condition itself",
                    Pattern.compile("\\.printStackTrace\\("),
                    "log it, or let it go up",
                    Pattern.compile("\"MD5\"|\"SHA-1\"|\"SHA1\"|/ECB/"),
                    "SHA-256, AES-GCM",
                    Pattern.compile(
                            "Arrays\\.equals\\([^)]*([Hh]ash|[Ss]ecret|[Tt]oken|[Mm]ac)\\b"),
                    "MessageDigest.isEqual",
                    Pattern.compile("System\\.(out|err)\\b"),
                    "SLF4J; the command line speaks through its terminal");

    private final Path root = root();
    private final List<Path> sources = files(".java");
    private final Exceptions exceptions =
            new Exceptions(root.resolve("architecture/exceptions.txt"));

    @Test
    void filesAreShort() throws IOException {
        for (Path file : sources) {
            int lines = Files.readAllLines(file).size();
            assertThat(lines <= MAX_FILE_LINES || exceptions.allow("long-file", name(file)))
                    .as("%s has %d lines, at most %d", name(file), lines, MAX_FILE_LINES)
                    .isTrue();
        }
    }

    @Test
    void linesAreShort() throws IOException {
        for (Path file : sources) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                assertThat(
                                line.length() <= MAX_COLUMNS
                                        || exceptions.allow("long-line", name(file)))
                        .as("%s:%d has %d columns", name(file), number, line.length())
                        .isTrue();
            }
        }
    }

    @Test
    void methodsAreShort() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    manager,
                                    null,
                                    List.of("--release", "25"),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(sources));
            List<String> tooLong = new ArrayList<>();
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                String name = name(Path.of(unit.getSourceFile().toUri()));
                LineMap lines = unit.getLineMap();
                new TreePathScanner<Void, Void>() {
                    @Override
                    public Void visitMethod(MethodTree method, Void none) {
                        long length =
                                lines.getLineNumber(positions.getEndPosition(unit, method))
                                        - lines.getLineNumber(
                                                positions.getStartPosition(unit, method))
                                        + 1;
                        String where = name + "#" + method.getName();
                        if (length > MAX_METHOD_LINES && !exceptions.allow("long-method", where)) {
                            tooLong.add(where + " has " + length + " lines");
                        }
                        return super.visitMethod(method, none);
                    }
                }.scan(unit, null);
            }
            assertThat(tooLong).isEmpty();
        }
    }

    @Test
    void nothingBannedIsWritten() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources) {
            if (name(file).startsWith("architecture/")) {
                continue;
            }
            String text = Files.readString(file);
            BANNED.forEach((pattern, instead) -> {
                if (pattern.matcher(text).find()
                        && !exceptions.allow("banned:" + pattern.pattern(), name(file))) {
                    found.add(name(file) + " has " + pattern + "; write: " + instead);
                }
            });
        }
        assertThat(found).isEmpty();
    }

    @Test
    void namesSayWhatThingsAre() {
        Pattern vague =
                Pattern.compile(
                        ".*(Manager|Helper|Utils?|Impl|Processor|Info|Data|Wrapper|Base)\\.java");
        assertThat(sources)
                .noneMatch(file -> vague.matcher(file.getFileName().toString()).matches());
    }

    @Test
    void everyMarkdownPageHasOneTitle() throws IOException {
        for (Path page : files(".md")) {
            boolean code = false;
            int titles = 0;
            for (String line : Files.readAllLines(page)) {
                if (line.startsWith("```")) {
                    code = !code;
                }
                if (!code && line.startsWith("# ")) {
                    titles++;
                }
            }
            assertThat(titles).as(name(page) + " has one title").isEqualTo(1);
        }
        assertThat(Files.readAllLines(root.resolve("README.md"))).hasSizeLessThanOrEqualTo(120);
    }

    @Test
    void everyExceptionIsStillNeeded() throws IOException {
        filesAreShort();
        linesAreShort();
        methodsAreShort();
        nothingBannedIsWritten();
        assertThat(exceptions.unused())
                .as("entries in exceptions.txt that nothing needs")
                .isEmpty();
    }

    private String name(Path file) {
        return root.relativize(file).toString();
    }

    private List<Path> files(String suffix) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a) {
                            String name = dir.getFileName().toString();
                            return Set.of("target", ".git", "node_modules", ".atlas", "resources")
                                            .contains(name)
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes a) {
                            if (file.getFileName().toString().endsWith(suffix)) {
                                found.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("mvnw")) ? here : here.resolve("..").normalize();
    }

    /** Lines of {@code rule<TAB>place<TAB>reason}. */
    private static final class Exceptions {
        private final Set<String> entries = new HashSet<>();
        private final Set<String> used = new HashSet<>();

        Exceptions(Path file) {
            try {
                for (String line : Files.readAllLines(file)) {
                    if (!line.isBlank() && !line.startsWith("#")) {
                        String[] parts = line.split("\t", -1);
                        assertThat(parts).as("`%s` gives rule, place and reason", line).hasSize(3);
                        assertThat(parts[2]).as("the reason in `%s`", line).isNotBlank();
                        entries.add(parts[0] + "\t" + parts[1]);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        boolean allow(String rule, String place) {
            String entry = rule + "\t" + place;
            return entries.contains(entry) && (used.add(entry) || true);
        }

        Set<String> unused() {
            Set<String> rest = new HashSet<>(entries);
            rest.removeAll(used);
            return rest;
        }
    }
}
