package atlas.control.api;

import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.PostureReport;
import atlas.posture.PostureReport.PhaseState;
import atlas.posture.PostureReport.TaskState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A posture report as the API shows it. */
final class PostureViews {
    private PostureViews() {}

    static Map<String, Object> of(PostureReport report) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("measured", report.measured().toString());
        view.put("expires", report.expires().toString());
        view.put("holds", report.broken().isEmpty());
        view.put("phases", report.phases().stream().map(PostureViews::phase).toList());
        return view;
    }

    private static Map<String, Object> phase(PhaseState phase) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("phase", phase.number());
        view.put("name", phase.name());
        view.put("proven", phase.proven());
        view.put("tasks", phase.tasks().stream().map(PostureViews::task).toList());
        return view;
    }

    private static Map<String, Object> task(TaskState state) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("task", state.task().text());
        state.task().control().ifPresent(control -> view.put("control", control.wireName()));
        view.put("state", state.standing().wireName());
        view.put("claimed", state.claimed());
        view.put(
                "measured",
                state.found()
                        .map(found -> found.outcome().name().toLowerCase(Locale.ROOT))
                        .orElse("not_measured"));
        view.put(
                "summary",
                state.found()
                        .map(Measurement::summary)
                        .orElse("no check measures this task; bind one with `control`"));
        view.put(
                "evidence",
                state.found().map(Measurement::observations).orElse(List.of()).stream()
                        .map(PostureViews::observation)
                        .toList());
        state.task().control().ifPresent(c -> view.put("maps_to", mapping(c.mapping())));
        return view;
    }

    private static Map<String, Object> observation(Measurement.Observation seen) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("what", seen.what());
        view.put("holds", seen.holds());
        seen.entry().ifPresent(entry -> view.put("entry", entry));
        return view;
    }

    private static Map<String, Object> mapping(Control.Mapping mapping) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("nist_sp_800_207_tenets", mapping.tenets());
        view.put("cisa_ztmm_2_0", mapping.maturity());
        view.put("owasp_llm_2026", mapping.owasp());
        view.put("nsa_cisa_deploying_ai", mapping.deploying());
        view.put("csa_aicm", mapping.aicm());
        return view;
    }
}
