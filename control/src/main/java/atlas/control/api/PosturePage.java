package atlas.control.api;

import atlas.posture.Measurement;
import atlas.posture.PostureReport;
import atlas.posture.PostureReport.PhaseState;
import atlas.posture.PostureReport.TaskState;

/** A posture report as a page to print: no script, no style from elsewhere. */
final class PosturePage {
    private static final String HEAD =
            """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <title>Zero-trust posture</title>
            <h1>Zero-trust posture</h1>
            """;

    private PosturePage() {}

    static String of(PostureReport report) {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("<p>Measured ")
                .append(report.measured())
                .append(", to be relied on until ")
                .append(report.expires())
                .append(".</p>\n");
        for (PhaseState phase : report.phases()) {
            page.append("<h2>Phase ")
                    .append(phase.number())
                    .append(": ")
                    .append(text(phase.name()))
                    .append(phase.proven() ? " (proven)" : "")
                    .append("</h2>\n<table border=\"1\"><thead><tr><th>Task</th><th>State</th>")
                    .append("<th>Seen</th><th>Asked for by</th></tr></thead><tbody>\n");
            phase.tasks().forEach(task -> row(page, task));
            page.append("</tbody></table>\n");
        }
        return page.append("</html>\n").toString();
    }

    private static void row(StringBuilder page, TaskState state) {
        page.append("<tr><td>")
                .append(text(state.task().text()))
                .append("</td><td>")
                .append(state.standing().wireName().replace('_', ' '))
                .append("</td><td>");
        state.found()
                .ifPresentOrElse(
                        found -> seen(page, found),
                        () -> page.append("no check measures this task"));
        page.append("</td><td>");
        state.task()
                .control()
                .map(control -> control.mapping())
                .ifPresent(mapping ->
                        page.append("SP 800-207 tenets ")
                                .append(String.join(", ", mapping.tenets()))
                                .append("; ZTMM ")
                                .append(text(mapping.maturity()))
                                .append("; OWASP ")
                                .append(String.join(", ", mapping.owasp()))
                                .append("; ")
                                .append(text(mapping.deploying()))
                                .append("; AICM ")
                                .append(mapping.aicm()));
        page.append("</td></tr>\n");
    }

    private static void seen(StringBuilder page, Measurement found) {
        page.append(text(found.summary())).append("<ul>");
        for (Measurement.Observation each : found.observations()) {
            page.append("<li>")
                    .append(each.holds() ? "holds: " : "DOES NOT HOLD: ")
                    .append(text(each.what()));
            each.entry()
                    .ifPresent(entry -> page.append(" (journal entry ").append(entry).append(')'));
            page.append("</li>");
        }
        page.append("</ul>");
    }

    private static String text(String raw) {
        return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
