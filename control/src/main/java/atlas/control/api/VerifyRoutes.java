package atlas.control.api;

import atlas.journal.Journal;
import atlas.journal.Verification;
import atlas.policy.Action;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Checks the journal the way an outsider would, on disk or in the store it shares with others. */
final class VerifyRoutes {
    private static final int LOOKS = 5;

    private final Journal journal;

    VerifyRoutes(Journal journal) {
        this.journal = journal;
    }

    List<Route> routes() {
        return List.of(
                Route.act(
                        "POST",
                        "/api/v1/journal/verify",
                        Action.JOURNAL_VERIFY,
                        "journal",
                        "check every entry, tile and signature on disk",
                        this::verify));
    }

    private Act verify(Call call) {
        return new Act(
                "journal",
                Map.of(),
                Map.of(),
                () -> {
                    Map<String, Object> view = view(verified());
                    return new Act.Done(Reply.ok(view), view);
                });
    }

    // The directory is written while it is read, and its files can be seen at different moments;
    // what was tampered with stays so, what was only in motion holds at the next look.
    private Verification verified() {
        Verification verification = new Verification.Unreadable("not looked at");
        for (int look = 0; look < LOOKS; look++) {
            journal.checkpointNow();
            verification = journal.verify(1);
            if (verification instanceof Verification.Holds) {
                break;
            }
        }
        return verification;
    }

    private static Map<String, Object> view(Verification verification) {
        Map<String, Object> view = new LinkedHashMap<>();
        switch (verification) {
            case Verification.Holds holds -> {
                view.put("verdict", "holds");
                view.put("size", holds.size());
                view.put("origin", holds.origin());
                view.put("root", holds.root().hex());
                view.put("notes", holds.notes());
            }
            case Verification.Broken broken -> {
                view.put("verdict", "broken");
                if (broken.index() >= 0) {
                    view.put("index", broken.index());
                }
                view.put("what", broken.what());
                view.put("where", broken.where());
            }
            case Verification.Unreadable unreadable -> {
                view.put("verdict", "unreadable");
                view.put("what", unreadable.why());
            }
        }
        return view;
    }
}
