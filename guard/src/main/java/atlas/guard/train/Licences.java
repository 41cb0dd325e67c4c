package atlas.guard.train;

import atlas.guard.measure.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which sources may train the model that ships: those on the list, by the start of their name. A
 * source nobody decided on stays out, and so does any row that shares a passage with one left out.
 */
final class Licences {
    private static final int PASSAGE = 8;

    private final List<String> allowed;

    private Licences(List<String> allowed) {
        this.allowed = allowed;
    }

    static Licences shipped() {
        try (InputStream in =
                Objects.requireNonNull(Licences.class.getResourceAsStream("licences.txt"))) {
            return new Licences(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(l -> !l.isBlank() && !l.startsWith("#"))
                            .map(l -> l.split("\t")[0])
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("reading the licence list of this build", e);
        }
    }

    boolean allows(String source) {
        return allowed.stream().anyMatch(source::startsWith);
    }

    /** The rows that may be used. */
    List<Row> free(List<Row> rows) {
        Set<Long> barred = new HashSet<>();
        for (Row row : rows) {
            if (!allows(row.source())) {
                barred.addAll(passages(row.text()));
            }
        }
        return rows.stream()
                .filter(r -> allows(r.source()))
                .filter(r ->
                        !derived(r.source())
                                || passages(r.text()).stream().noneMatch(barred::contains))
                .toList();
    }

    /** Sources made from others, whose passages must be looked at. */
    private static boolean derived(String source) {
        return source.startsWith("synthetic");
    }

    private static Set<Long> passages(String text) {
        String[] words = text.split("\\s+");
        Set<Long> passages = new HashSet<>();
        for (int i = 0; i + PASSAGE <= words.length; i++) {
            long hash = 7;
            for (int k = i; k < i + PASSAGE; k++) {
                hash = hash * 0x9e3779b97f4a7c15L + words[k].hashCode();
            }
            passages.add(hash);
        }
        return passages;
    }
}
