package atlas.journal;

import java.util.List;

/**
 * What a search found.
 *
 * @param complete whether the search ended because there was nothing left to look at
 * @param lastLooked the last entry looked at; give it as {@code afterIndex} to go on
 */
public record SearchResult(List<JournalEntry> entries, boolean complete, long lastLooked) {
    public SearchResult {
        entries = List.copyOf(entries);
    }
}
