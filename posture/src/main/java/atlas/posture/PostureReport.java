package atlas.posture;

import atlas.posture.Rollout.Phase;
import atlas.posture.Rollout.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far each task has come: what is to be done, what was found, what was proven before.
 *
 * @param measured when the checks ran
 * @param validFor how long what they found may be relied on
 */
public record PostureReport(Instant measured, Duration validFor, List<PhaseState> phases) {
    public PostureReport {
        phases = List.copyOf(phases);
    }

    /** A phase and how its tasks stand. */
    public record PhaseState(int number, String name, List<TaskState> tasks) {
        public PhaseState {
            tasks = List.copyOf(tasks);
        }

        /** Whether every task of it is proven. */
        public boolean proven() {
            return tasks.stream().allMatch(task -> task.standing() == Standing.PROVEN);
        }
    }

    /**
     * A task and how it stands.
     *
     * @param claimed whether somebody says it is done, or it was proven once
     * @param found what was measured; empty when no check measures this task
     */
    public record TaskState(
            Task task, Standing standing, boolean claimed, Optional<Measurement> found) {}

    /**
     * Judges a rollout by what was found.
     *
     * @param before how tasks stood last time, by {@link Task#key}; what was proven once counts as
     *     claimed from then on
     */
    public static PostureReport of(
            Rollout rollout,
            Map<Control, Measurement> found,
            Map<String, Standing> before,
            Instant measured,
            Duration validFor) {
        List<PhaseState> phases = new ArrayList<>();
        for (Phase phase : rollout.phases()) {
            List<TaskState> tasks = new ArrayList<>();
            for (Task task : phase.tasks()) {
                Optional<Measurement> measurement =
                        task.control().flatMap(c -> Optional.ofNullable(found.get(c)));
                tasks.add(
                        state(
                                task,
                                measurement,
                                before.getOrDefault(task.key(), Standing.NOT_STARTED)));
            }
            phases.add(new PhaseState(phase.number(), phase.name(), tasks));
        }
        return new PostureReport(measured, validFor, phases);
    }

    private static TaskState state(Task task, Optional<Measurement> found, Standing before) {
        boolean once = before == Standing.PROVEN || before == Standing.REGRESSED;
        boolean claimed = task.claimed() || once || before == Standing.CLAIMED;
        Measurement.Outcome outcome =
                found.map(Measurement::outcome).orElse(Measurement.Outcome.UNKNOWN);
        Standing standing =
                switch (outcome) {
                    case HOLDS -> Standing.PROVEN;
                    case FAILS -> once ? Standing.REGRESSED : unproven(claimed);
                    case UNKNOWN -> before == Standing.REGRESSED ? before : unproven(claimed);
                };
        return new TaskState(task, standing, claimed, found);
    }

    private static Standing unproven(boolean claimed) {
        return claimed ? Standing.CLAIMED : Standing.NOT_STARTED;
    }

    /** The same some time later: what was proven too long ago is only claimed. */
    public PostureReport asOf(Instant now) {
        if (now.isBefore(expires())) {
            return this;
        }
        return new PostureReport(
                measured,
                validFor,
                phases.stream()
                        .map(phase ->
                                new PhaseState(
                                        phase.number(),
                                        phase.name(),
                                        phase.tasks().stream().map(PostureReport::aged).toList()))
                        .toList());
    }

    private static TaskState aged(TaskState state) {
        return state.standing() == Standing.PROVEN
                ? new TaskState(state.task(), Standing.CLAIMED, true, state.found())
                : state;
    }

    /** When what was found may be relied on no more. */
    public Instant expires() {
        return measured.plus(validFor);
    }

    /** How every task stands, by {@link Task#key}. */
    public Map<String, Standing> standings() {
        Map<String, Standing> all = new LinkedHashMap<>();
        for (PhaseState phase : phases) {
            phase.tasks().forEach(task -> all.put(task.task().key(), task.standing()));
        }
        return all;
    }

    /** The tasks that somebody says are done, or that were, and that were not found to be. */
    public List<TaskState> broken() {
        return phases.stream()
                .flatMap(phase -> phase.tasks().stream())
                .filter(task -> task.claimed() && task.standing() != Standing.PROVEN)
                .toList();
    }

    /** The tasks of the first phases that are not proven. */
    public List<TaskState> missing(int throughPhase) {
        return phases.stream()
                .filter(phase -> phase.number() <= throughPhase)
                .flatMap(phase -> phase.tasks().stream())
                .filter(task -> task.standing() != Standing.PROVEN)
                .toList();
    }
}
