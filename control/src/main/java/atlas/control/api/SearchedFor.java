package atlas.control.api;

import atlas.core.Principal;
import atlas.journal.JournalSubjects;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What an auditor searched for, as it is recorded: under the auditor's key, which no erasure of the
 * one who was searched for reaches. Names and words are therefore recorded blind, so that the same
 * search shows as the same; what names nobody is recorded as it was.
 */
final class SearchedFor {
    private static final List<String> AS_THEY_ARE =
            List.of("kind", "request_id", "model", "outcome", "since", "until", "order");

    private SearchedFor() {}

    static String in(Input input, JournalSubjects subjects) {
        StringJoiner said = new StringJoiner("&");
        for (String name : AS_THEY_ARE) {
            input.optionalText(name).ifPresent(value -> said.add(name + "=" + encoded(value)));
        }
        for (String name : List.of("after", "limit")) {
            long value = input.integer(name, Long.MIN_VALUE);
            if (value != Long.MIN_VALUE) {
                said.add(name + "=" + value);
            }
        }
        Optional<String> principal = input.optionalText("principal");
        String pseudonym =
                principal
                        .map(name -> subjects.pseudonym(Principal.DEFAULT_TENANT, name))
                        .orElse("");
        principal.ifPresent(_ -> said.add("principal=" + pseudonym));
        input.optionalText("text").ifPresent(words -> said.add("text=" + subjects.blind(words)));
        input.optionalText("purpose")
                .map(why -> principal.map(name -> why.replace(name, pseudonym)).orElse(why))
                .ifPresent(why -> said.add("purpose=" + encoded(why)));
        return said.toString();
    }

    /** As in a URL, so that no value can pass for another field. */
    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
