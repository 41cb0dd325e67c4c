package atlas.gateway;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A part of a list, as the query of a request asks for it: newest first unless said. */
record Listing(int limit, boolean oldestFirst, Optional<String> after, Optional<String> before) {
    private static final int LIMIT = 20;
    private static final int MOST = 100;

    /** What is shown, and whether there is more in that direction. */
    record Page<T>(List<T> shown, boolean more) {}

    static Listing of(String query) throws Refused {
        Listing listing = new Listing(LIMIT, false, Optional.empty(), Optional.empty());
        for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int at = pair.indexOf('=');
            String name = at < 0 ? pair : pair.substring(0, at);
            String value = at < 0 ? "" : pair.substring(at + 1);
            listing =
                    switch (name) {
                        case "limit" -> listing.limited(value);
                        case "order" -> listing.ordered(value);
                        case "after" -> listing.from(Optional.of(value), listing.before);
                        case "before" -> listing.from(listing.after, Optional.of(value));
                        default ->
                                throw invalid(
                                        "this path knows `limit`, `order`, `after` and `before`",
                                        "query");
                    };
        }
        return listing;
    }

    private Listing limited(String value) throws Refused {
        boolean number = value.matches("[1-9][0-9]{0,2}") && Integer.parseInt(value) <= MOST;
        if (!number) {
            throw invalid("`limit` must be an integer from 1 to " + MOST, "limit");
        }
        return new Listing(Integer.parseInt(value), oldestFirst, after, before);
    }

    private Listing ordered(String value) throws Refused {
        return switch (value) {
            case "asc" -> new Listing(limit, true, after, before);
            case "desc" -> new Listing(limit, false, after, before);
            default -> throw invalid("`order` must be `asc` or `desc`", "order");
        };
    }

    private Listing from(Optional<String> later, Optional<String> earlier) {
        return new Listing(limit, oldestFirst, later, earlier);
    }

    private static Refused invalid(String message, String param) {
        return new Refused(Refusal.INVALID_REQUEST, message, message, param);
    }

    /** Cuts the page out of everything; an id that is not there cuts nothing. */
    <T> Page<T> page(List<T> all, Function<T, String> id, Comparator<T> byAge) {
        List<T> sorted = new ArrayList<>(all);
        sorted.sort(byAge);
        if (!oldestFirst) {
            Collections.reverse(sorted);
        }
        int from = after.map(cut -> place(sorted, id, cut) + 1).orElse(0);
        int to =
                before.map(cut -> place(sorted, id, cut)).filter(p -> p >= 0).orElse(sorted.size());
        if (before.isPresent() && after.isEmpty()) {
            int first = Math.max(0, to - limit);
            return new Page<>(List.copyOf(sorted.subList(first, to)), first > 0);
        }
        int end = Math.min(Math.max(from, to), from + limit);
        return new Page<>(List.copyOf(sorted.subList(from, end)), end < to);
    }

    private static <T> int place(List<T> sorted, Function<T, String> id, String wanted) {
        for (int i = 0; i < sorted.size(); i++) {
            if (id.apply(sorted.get(i)).equals(wanted)) {
                return i;
            }
        }
        return -1;
    }
}
