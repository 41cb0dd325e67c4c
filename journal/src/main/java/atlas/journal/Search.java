package atlas.journal;

import atlas.journal.search.IndexKey;
import atlas.journal.search.SearchIndex;
import atlas.journal.search.Terms;
import atlas.journal.search.Wanted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One search: the index block by block, then the entries that may match, opened and checked. */
final class Search {
    /** Entries opened by one search at most; text can only be found by opening. */
    private static final int MOST_OPENED = 200_000;

    /** JSON found by one search, less an entry: prompts and answers are in it. */
    private static final long MOST_CHARS = 16 << 20;

    private final SearchIndex index;
    private final EntryReader reader;
    private final JournalQuery query;
    private final Wanted wanted;
    private final List<JournalEntry> found = new ArrayList<>();
    private int opened;
    private long chars;

    Search(SearchIndex index, IndexKey key, EntryReader reader, JournalQuery query) {
        this.index = index;
        this.reader = reader;
        this.query = query;
        this.wanted = wanted(query, key);
    }

    private static Wanted wanted(JournalQuery query, IndexKey key) {
        Terms terms =
                new SearchKeys(
                                query.kind().orElse(""),
                                query.principal().orElse(""),
                                query.model().orElse(""),
                                query.outcome().orElse(""),
                                query.requestId().orElse(""))
                        .blind(key, Instant.EPOCH);
        return new Wanted(
                terms,
                query.since().map(Search::millis).orElse(Long.MIN_VALUE),
                query.until().map(Search::millis).orElse(Long.MAX_VALUE));
    }

    /** Times further off than milliseconds can say are as good as no bound. */
    private static long millis(Instant time) {
        if (time.isAfter(Instant.ofEpochMilli(Long.MAX_VALUE))) {
            return Long.MAX_VALUE;
        }
        return time.isBefore(Instant.ofEpochMilli(Long.MIN_VALUE))
                ? Long.MIN_VALUE
                : time.toEpochMilli();
    }

    SearchResult run(long size) {
        long step = query.newestFirst() ? -1 : 1;
        long at = start(size);
        try {
            while (at >= 0 && at < size) {
                long block = at / SearchIndex.BLOCK;
                BitSet places = index.matching(block, wanted, size);
                long stopped = look(block * SearchIndex.BLOCK, places, at, step);
                if (stopped >= 0) {
                    return new SearchResult(found, false, stopped);
                }
                at = step > 0 ? (block + 1) * SearchIndex.BLOCK : block * SearchIndex.BLOCK - 1;
            }
        } catch (IOException e) {
            throw new JournalException("the search index cannot be read", e);
        }
        return new SearchResult(found, true, step > 0 ? size - 1 : 0);
    }

    /** Looks at the candidates of a block; the place at which enough was found or opened, or -1. */
    private long look(long base, BitSet places, long from, long step) {
        int place = (int) (from - base);
        place = step > 0 ? places.nextSetBit(place) : places.previousSetBit(place);
        while (place >= 0) {
            JournalEntry entry = reader.open(base + place);
            if (matches(entry)) {
                found.add(entry);
                chars += entry.json().length();
            }
            boolean enough = found.size() == query.limit() || chars >= MOST_CHARS;
            if (enough || ++opened == MOST_OPENED) {
                return base + place;
            }
            place = step > 0 ? places.nextSetBit(place + 1) : places.previousSetBit(place - 1);
        }
        return -1;
    }

    private long start(long size) {
        boolean fromTheStart = query.afterIndex() < 0;
        if (query.newestFirst()) {
            return fromTheStart ? size - 1 : Math.min(size, query.afterIndex()) - 1;
        }
        return fromTheStart ? 0 : query.afterIndex() + 1;
    }

    private boolean matches(JournalEntry entry) {
        SearchKeys keys = SearchKeys.of(entry.json().getBytes(StandardCharsets.UTF_8));
        return same(query.kind(), keys.kind())
                && same(query.principal(), keys.principal())
                && same(query.model(), keys.model())
                && same(query.outcome(), keys.outcome())
                && same(query.requestId(), keys.requestId())
                && query.since().map(since -> !entry.when().isBefore(since)).orElse(true)
                && query.until().map(until -> !entry.when().isAfter(until)).orElse(true)
                && query.text().map(text -> contains(entry.json(), text)).orElse(true);
    }

    private static boolean same(Optional<String> wanted, String key) {
        return wanted.isEmpty() || wanted.get().equals(key);
    }

    private static boolean contains(String json, String text) {
        return json.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
    }
}
