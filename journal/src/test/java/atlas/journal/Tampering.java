package atlas.journal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Every way to change a file of a log that the matrix knows, with what a verifier has to name.
 *
 * <p>A copy shares the files of the original by hard links but for the one that is changed.
 */
final class Tampering {
    private final Path original;
    private final Path copies;
    private final Random random;
    private final List<Case> cases = new ArrayList<>();

    /**
     * A changed copy.
     *
     * @param where the file that was changed, as far as it has one
     * @param entry the entry concerned, when it is one
     */
    record Case(String name, Path copy, String where, OptionalLong entry) {}

    private interface Change {
        byte[] of(byte[] content);
    }

    Tampering(Path original, Path copies, long seed) {
        this.original = original;
        this.copies = copies;
        this.random = new Random(seed);
    }

    List<Case> cases() {
        return List.copyOf(cases);
    }

    /** All changes of one file that need no knowledge of what it holds. */
    void bytes(String file, int flips) throws IOException {
        byte[] content = Files.readAllBytes(original.resolve(file));
        for (int i = 0; i < flips; i++) {
            int at = i == 0 ? 0 : i == 1 ? content.length - 1 : random.nextInt(content.length);
            int bit = random.nextInt(8);
            change(
                    "flip bit " + bit + " of byte " + at,
                    file,
                    entryAt(file, content, at),
                    was -> {
                        was[at] ^= (byte) (1 << bit);
                        return was;
                    });
        }
        OptionalLong none = OptionalLong.empty();
        change("cut off the last byte", file, none, was -> Arrays.copyOf(was, was.length - 1));
        change("cut in half", file, none, was -> Arrays.copyOf(was, was.length / 2));
        change("empty", file, none, was -> new byte[0]);
        change("add a byte", file, none, was -> Arrays.copyOf(was, was.length + 1));
    }

    /** Removes a file. */
    void delete(String file) {
        try {
            Case deleted = copy("delete " + file, file, OptionalLong.empty());
            Files.delete(deleted.copy().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The entry a byte of a bundle or of a level 0 tile belongs to. */
    private static OptionalLong entryAt(String file, byte[] content, int at) {
        String number = file.replaceAll("\\.p/.*", "").replaceAll(".*/", "");
        if (file.startsWith("tile/0/")) {
            return OptionalLong.of(Long.parseLong(number) * 256 + at / 32);
        }
        if (!file.startsWith("tile/entries/")) {
            return OptionalLong.empty();
        }
        int slot = 0;
        List<byte[]> entries = entries(content);
        for (int end = 2 + entries.get(0).length; end <= at; slot++) {
            end += 2 + entries.get(slot + 1).length;
        }
        return OptionalLong.of(Long.parseLong(number) * 256 + slot);
    }

    /** Deletes, doubles, swaps and exchanges entries of a bundle whose first is {@code first}. */
    void entries(String bundle, long first) throws IOException {
        List<byte[]> entries = entries(Files.readAllBytes(original.resolve(bundle)));
        int at = 1 + random.nextInt(entries.size() - 2);
        OptionalLong entry = OptionalLong.of(first + at);
        List<byte[]> deleted = new ArrayList<>(entries);
        deleted.remove(at);
        change("delete entry", bundle, entry, was -> bundle(deleted));
        List<byte[]> doubled = new ArrayList<>(entries);
        doubled.add(at, entries.get(at - 1));
        change("insert entry", bundle, entry, was -> bundle(doubled));
        List<byte[]> swapped = new ArrayList<>(entries);
        swapped.set(at, entries.get(at + 1));
        swapped.set(at + 1, entries.get(at));
        change("swap entries", bundle, entry, was -> bundle(swapped));
        List<byte[]> forged = new ArrayList<>(entries);
        forged.set(at, entries.get(at - 1));
        change("put another entry in the place of one", bundle, entry, was -> bundle(forged));
        List<byte[]> more = new ArrayList<>(entries);
        more.add(entries.getLast());
        OptionalLong last = OptionalLong.of(first + entries.size() - 1);
        change("append an entry", bundle, last, was -> bundle(more));
    }

    /** Deletes, doubles and swaps hashes of a tile. */
    void hashes(String tile) throws IOException {
        int count = (int) Files.size(original.resolve(tile)) / 32;
        int at = random.nextInt(Math.max(1, count - 1)) * 32;
        OptionalLong none = OptionalLong.empty();
        change("delete a hash", tile, none, was -> without(was, at));
        change("insert a hash", tile, none, was -> with(was, at));
        if (count > 1) {
            change(
                    "swap hashes",
                    tile,
                    none,
                    was -> {
                        byte[] swapped = was.clone();
                        System.arraycopy(was, at, swapped, at + 32, 32);
                        System.arraycopy(was, at + 32, swapped, at, 32);
                        return swapped;
                    });
        }
    }

    /** Puts what lies in one place into another. */
    void exchange(String one, String other) throws IOException {
        byte[] content = Files.readAllBytes(original.resolve(other));
        change("put " + other + " in its place", one, OptionalLong.empty(), was -> content);
    }

    /** Puts the files that another log has under these names in their place. */
    void take(String name, Path from, String where, String... files) throws IOException {
        Case made = copy(name, where, OptionalLong.empty());
        for (String file : files) {
            replace(made.copy().resolve(file), Files.readAllBytes(from.resolve(file)));
        }
    }

    /** A whole directory of somebody else's or of an earlier time. */
    void whole(String name, Path from, String where) throws IOException {
        cases.add(new Case(name, link(from), where, OptionalLong.empty()));
    }

    private void change(String name, String file, OptionalLong entry, Change change)
            throws IOException {
        Path target = copy(name + " in " + file, file, entry).copy().resolve(file);
        replace(target, change.of(Files.readAllBytes(original.resolve(file))));
    }

    private Case copy(String name, String where, OptionalLong entry) throws IOException {
        cases.add(new Case(name, link(original), where, entry));
        return cases.getLast();
    }

    private Path link(Path from) throws IOException {
        Path copy = copies.resolve(String.format("%04d/journal", cases.size()));
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = copy.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.createLink(target, file);
                }
            }
        }
        return copy;
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Files.deleteIfExists(file);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static byte[] without(byte[] was, int at) {
        byte[] cut = new byte[was.length - 32];
        System.arraycopy(was, 0, cut, 0, at);
        System.arraycopy(was, at + 32, cut, at, was.length - at - 32);
        return cut;
    }

    private static byte[] with(byte[] was, int at) {
        byte[] more = new byte[was.length + 32];
        System.arraycopy(was, 0, more, 0, at + 32);
        System.arraycopy(was, at, more, at + 32, was.length - at);
        return more;
    }

    private static List<byte[]> entries(byte[] bundle) {
        List<byte[]> entries = new ArrayList<>();
        for (int at = 0; at < bundle.length; ) {
            int length = (bundle[at] & 0xff) << 8 | (bundle[at + 1] & 0xff);
            entries.add(Arrays.copyOfRange(bundle, at + 2, at + 2 + length));
            at += 2 + length;
        }
        return entries;
    }

    private static byte[] bundle(List<byte[]> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            out.write(entry.length >> 8);
            out.write(entry.length);
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }
}
