package atlas.journal.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.Sealer;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index against a list of all terms that is looked through from end to end. */
class SearchIndexTest {
    private static final int MANY = SearchIndex.BLOCK + 3 * SearchIndex.CHUNK + 77;

    /** Seals nothing: what the vault does is tested there. */
    private static final Sealer PLAIN =
            new Sealer() {
                @Override
                public byte[] seal(byte[] plaintext, byte[] associatedData) {
                    return plaintext.clone();
                }

                @Override
                public byte[] open(byte[] sealed, byte[] associatedData) {
                    return sealed.clone();
                }
            };

    @TempDir Path home;

    private final long seed = new Random().nextLong();
    private final List<Terms> log = new ArrayList<>();
    private Path directory;
    private Disk disk;
    private IndexKey key;
    private String fork = "this log";
    private long first;
    private final List<Long> opened = Collections.synchronizedList(new ArrayList<>());

    private final SearchIndex.Source source =
            new SearchIndex.Source() {
                @Override
                public Terms terms(long index) {
                    opened.add(index);
                    return log.get((int) index);
                }

                @Override
                public Digest subtree(int level, long index) {
                    return Hashes.sha256(fork + level + "/" + index);
                }

                @Override
                public Digest root(long size) {
                    return Hashes.sha256(fork + size);
                }

                @Override
                public long first() {
                    return first;
                }
            };

    @BeforeEach
    void fillALog() throws IOException {
        directory = Files.createDirectories(home.resolve("index"));
        disk = Disk.real(Files.createDirectories(home.resolve("tmp")));
        key = IndexKey.openOrCreate(directory.resolve("key"), PLAIN, "example.org/log", disk);
        Random random = new Random(seed);
        long millis = 1_800_000_000_000L;
        for (int i = 0; i < MANY; i++) {
            millis += random.nextInt(200) - 20; // clocks go back now and then
            log.add(
                    new Terms(
                            millis,
                            key.shared("kind", "kind-" + random.nextInt(3)),
                            key.shared("principal", "user-" + random.nextInt(500)),
                            random.nextInt(4) == 0 ? 0 : key.shared("model", "m"),
                            key.shared("outcome", "o-" + random.nextInt(2)),
                            key.rare("request", "req-" + i / 2)));
        }
    }

    private SearchIndex written() throws IOException {
        SearchIndex index = new SearchIndex(directory, key, disk, source);
        log.forEach(index::add);
        return index;
    }

    private SearchIndex loaded() throws IOException {
        SearchIndex index = new SearchIndex(directory, key, disk, source);
        index.load(MANY);
        return index;
    }

    /** Asks for random terms and times and compares with every entry. */
    private void answersLikeTheLog(SearchIndex index) throws IOException {
        Random random = new Random(seed + 1);
        for (int query = 0; query < 40; query++) {
            Terms like = log.get(random.nextInt(MANY));
            Terms asked =
                    new Terms(
                            0,
                            random.nextBoolean() ? like.kind() : 0,
                            random.nextInt(3) > 0 ? like.principal() : 0,
                            random.nextInt(3) == 0 ? like.model() : 0,
                            random.nextInt(3) == 0 ? like.outcome() : 0,
                            random.nextInt(4) == 0 ? like.request() : 0);
            boolean timed = random.nextBoolean();
            long since = timed ? like.millis() - random.nextInt(600_000) : Long.MIN_VALUE;
            long until = timed ? like.millis() + random.nextInt(600_000) : Long.MAX_VALUE;
            compare(index, new Wanted(asked, since, until));
        }
    }

    private void compare(SearchIndex index, Wanted wanted) throws IOException {
        for (long block = 0; block * SearchIndex.BLOCK < MANY; block++) {
            BitSet places = index.matching(block, wanted, MANY);
            long[] row = new long[Terms.COLUMNS];
            for (int place = 0; place < SearchIndex.BLOCK; place++) {
                long at = block * SearchIndex.BLOCK + place;
                boolean there = at >= first && at < MANY;
                boolean must = there && holds(log.get((int) at), row, wanted, 0);
                boolean may = there && holds(log.get((int) at), row, wanted, 999);
                if (places.get(place) ? !may : must) {
                    fail("seed %d, entry %d, %s", seed, at, wanted);
                }
            }
        }
    }

    private static boolean holds(Terms entry, long[] row, Wanted wanted, long slack) {
        entry.put(row, 0);
        return wanted.terms().match(row, 0)
                && entry.millis() + slack >= wanted.since()
                && entry.millis() - slack <= wanted.until();
    }

    @Test
    void answersFromRowsAndFromBlocksLikeTheLogItself() throws IOException {
        SearchIndex index = written();
        answersLikeTheLog(index);
        index.keep(MANY);
        assertThat(directory.resolve("00000000.terms")).exists();
        assertThat(directory.resolve("00000000.rows")).doesNotExist();
        answersLikeTheLog(index);
        assertThat(opened).isEmpty();
    }

    @Test
    void afterAnOrderlyCloseNothingIsOpenedAndAfterACrashLessThanOneChunk() throws IOException {
        SearchIndex index = written();
        index.keep(MANY);
        SearchIndex crashed = loaded();
        assertThat(opened).hasSize(77);
        answersLikeTheLog(crashed);
        index.keepTail(MANY, source.root(MANY));
        opened.clear();
        answersLikeTheLog(loaded());
        assertThat(opened).isEmpty();
    }

    @Test
    void whatIsMissingIsMadeAnewByTheSearchThatNeedsIt() throws IOException {
        SearchIndex index = written();
        index.keep(MANY);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        answersLikeTheLog(index);
        assertThat(new HashSet<>(opened)).hasSize(SearchIndex.BLOCK);
    }

    @Test
    void aBlockIsMadeAnewFromRowsThatWereKeptBeforeACrash() throws IOException {
        SearchIndex index = written();
        index.keep(SearchIndex.BLOCK - SearchIndex.CHUNK);
        assertThat(directory.resolve("00000000.rows")).exists();
        SearchIndex again = loaded();
        opened.clear();
        again.mend();
        answersLikeTheLog(again);
        assertThat(Set.copyOf(opened)).hasSize(SearchIndex.CHUNK);
        assertThat(directory.resolve("00000000.rows")).doesNotExist();
    }

    @Test
    void everyAlteredFileIsNoticedAndMadeAnew() throws IOException {
        written().keep(MANY);
        Random random = new Random(seed + 2);
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> !file.endsWith("key")).sorted().toList();
        }
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            for (int round = 0; round < 3; round++) {
                // The hash at the end is for checks without a key; nothing here hangs on it.
                content[random.nextInt(content.length - Digest.BYTES)] ^= (byte) 0x10;
            }
            Files.write(file, content);
        }
        answersLikeTheLog(loaded());
    }

    @Test
    void theIndexOfAnotherLogOrAnotherKeyCountsForNothing() throws IOException {
        SearchIndex index = written();
        index.keep(MANY);
        index.keepTail(MANY, source.root(MANY));
        fork = "another log of the same length";
        log.replaceAll(terms -> Terms.none(terms.millis()));
        answersLikeTheLog(loaded());
        Files.delete(directory.resolve("key"));
        key = IndexKey.openOrCreate(directory.resolve("key"), PLAIN, "example.org/log", disk);
        opened.clear();
        answersLikeTheLog(loaded());
        assertThat(Set.copyOf(opened)).hasSize(MANY);
    }

    @Test
    void whatRetentionRemovedIsNeitherFoundNorOpened() throws IOException {
        SearchIndex index = written();
        index.keep(MANY);
        first = SearchIndex.BLOCK + 256;
        index.forget();
        assertThat(directory.resolve("00000000.terms")).doesNotExist();
        answersLikeTheLog(index);
        SearchIndex again = loaded();
        again.mend();
        answersLikeTheLog(again);
        assertThat(directory.resolve("00000000.terms")).doesNotExist();
        assertThat(opened).allMatch(at -> at >= first);
    }
}
