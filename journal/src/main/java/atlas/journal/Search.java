package atlas.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One search: the columns first, then the entries that may match, opened and checked. */
final class Search {
    /** Entries opened by one search at most; text can only be found by opening. */
    private static final int MOST_OPENED = 200_000;

    private final SearchIndex index;
    private final EntryReader reader;
    private final JournalQuery query;

    Search(SearchIndex index, EntryReader reader, JournalQuery query) {
        this.index = index;
        this.reader = reader;
        this.query = query;
    }

    SearchResult run(long size) {
        List<JournalEntry> found = new ArrayList<>();
        int opened = 0;
        long step = query.newestFirst() ? -1 : 1;
        long at = start(size);
        for (; at >= 0 && at < size; at += step) {
            if (!index.mayMatch(at, query)) {
                continue;
            }
            JournalEntry entry = reader.open(at);
            if (matches(entry)) {
                found.add(entry);
            }
            if (found.size() == query.limit() || ++opened == MOST_OPENED) {
                return new SearchResult(found, false, at);
            }
        }
        return new SearchResult(found, true, at - step);
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
