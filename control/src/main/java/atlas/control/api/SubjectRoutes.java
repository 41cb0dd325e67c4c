package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;
import static atlas.control.api.Field.required;

import atlas.core.Principal;
import atlas.journal.Journal;
import atlas.journal.JournalHealth;
import atlas.journal.JournalSubjects;
import atlas.journal.JournalSubjects.Erased;
import atlas.journal.JournalSubjects.HeldException;
import atlas.journal.JournalSubjects.Order;
import atlas.policy.Action;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whom the journal is about: erasing a subject, and legal holds that forbid it. What is recorded of
 * these acts names the subject by its pseudonym, or the record would be what was to be erased.
 */
final class SubjectRoutes {
    private static final String ERASURES = "/api/v1/journal/erasures";
    private static final String HOLDS = "/api/v1/journal/holds";

    private final Journal journal;
    private final boolean everythingHeld;

    /**
     * @param everythingHeld whether the configuration keeps every entry, whoever it is about
     */
    SubjectRoutes(Journal journal, boolean everythingHeld) {
        this.journal = journal;
        this.everythingHeld = everythingHeld;
    }

    List<Route> routes() {
        return List.of(
                Route.act(
                                "POST",
                                ERASURES,
                                Action.JOURNAL_SHRED,
                                "journal",
                                "destroy the keys of a subject's entries, for good",
                                this::erase)
                        .body(
                                required("subject", STRING, "the principal, as entries name it"),
                                required("confirm", STRING, "the same once more"),
                                required("reason", STRING, "on what ground; must not name it"),
                                optional("tenant", STRING, "`default` when not given")),
                Route.read(
                        HOLDS,
                        Action.JOURNAL_HOLD,
                        "journal",
                        "subjects whose entries must be kept",
                        _ ->
                                Reply.ok(
                                        Views.list(
                                                "holds",
                                                journal.subjects().holds().stream()
                                                        .map(this::view)
                                                        .toList()))),
                Route.act(
                                "POST",
                                HOLDS,
                                Action.JOURNAL_HOLD,
                                "journal",
                                "keep a subject's entries from being erased",
                                this::hold)
                        .body(
                                required("subject", STRING, "the principal, as entries name it"),
                                required("reason", STRING, "why; told to whoever tries to erase"),
                                optional("tenant", STRING, "`default` when not given")),
                Route.act(
                                "POST",
                                HOLDS + "/release",
                                Action.JOURNAL_HOLD,
                                "journal",
                                "lift a hold",
                                this::release)
                        .body(
                                required("subject", STRING, "the principal, as entries name it"),
                                optional("tenant", STRING, "`default` when not given")));
    }

    private Act erase(Call call) throws Refusal {
        String subject = subject(call);
        String tenant = tenant(call);
        if (!call.input().text("confirm").equals(subject)) {
            throw Problems.invalid(
                    "`confirm` repeats `subject`: what is erased does not come back");
        }
        String reason = reason(call, subject);
        if (everythingHeld) {
            throw Problems.conflict("a legal hold is on (`journal.legal-hold`): nothing is erased");
        }
        refuseWithoutJournal();
        return new Act(
                named(tenant, subject),
                Map.of(),
                Map.of("reason", reason),
                () -> {
                    Order order =
                            new Order(
                                    tenant, subject, call.requestId(), call.caller().id(), reason);
                    Erased erased;
                    try {
                        erased = journal.subjects().erase(order);
                    } catch (HeldException e) {
                        throw Problems.conflict("a legal hold forbids it: " + e.getMessage());
                    }
                    Map<String, Object> view = new LinkedHashMap<>();
                    view.put("subject", erased.subject());
                    view.put("keys", erased.keys());
                    view.put("entry", erased.entry());
                    return new Act.Done(Reply.ok(view), Map.of("keys", erased.keys().size()));
                });
    }

    private void refuseWithoutJournal() throws Refusal {
        JournalHealth health = journal.health();
        if (!health.accepting()) {
            throw Problems.unavailable("the journal cannot record now, so nothing is erased");
        }
    }

    private Act hold(Call call) throws Refusal {
        String subject = subject(call);
        String tenant = tenant(call);
        String reason = reason(call, subject);
        return new Act(
                named(tenant, subject),
                Map.of(),
                Map.of("hold", "on", "reason", reason),
                () -> {
                    journal.subjects().hold(tenant, subject, reason);
                    return Act.Done.with(Reply.ok(Map.of("subject", subject, "held", true)));
                });
    }

    private Act release(Call call) throws Refusal {
        String subject = subject(call);
        String tenant = tenant(call);
        if (journal.subjects().holds().stream()
                .noneMatch(h -> h.tenant().equals(tenant) && h.principal().equals(subject))) {
            throw Problems.notFound("there is no hold on `" + subject + "`");
        }
        return new Act(
                named(tenant, subject),
                Map.of("hold", "on"),
                Map.of("hold", "off"),
                () -> {
                    journal.subjects().release(tenant, subject);
                    return Act.Done.with(Reply.ok(Map.of("subject", subject, "held", false)));
                });
    }

    private Map<String, Object> view(JournalSubjects.Hold hold) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("subject", hold.principal());
        view.put("tenant", hold.tenant());
        view.put("pseudonym", journal.subjects().pseudonym(hold.tenant(), hold.principal()));
        view.put("reason", hold.reason());
        view.put("since", hold.since().toString());
        return view;
    }

    private String named(String tenant, String subject) {
        return "subject:" + journal.subjects().pseudonym(tenant, subject);
    }

    private static String subject(Call call) throws Refusal {
        String subject = call.input().text("subject");
        if (subject.isEmpty() || subject.length() > 512) {
            throw Problems.invalid("a subject has 1 to 512 characters");
        }
        return subject;
    }

    private static String tenant(Call call) throws Refusal {
        return call.input().optionalText("tenant").orElse(Principal.DEFAULT_TENANT);
    }

    private static String reason(Call call, String subject) throws Refusal {
        String reason = call.input().text("reason").strip();
        if (reason.isEmpty() || reason.length() > 500) {
            throw Problems.invalid("a reason has 1 to 500 characters");
        }
        if (reason.contains(subject)) {
            throw Problems.invalid("the reason is kept, so it must not name the subject");
        }
        return reason;
    }
}
