package atlas.registry;

/** Whether a model may serve at all: the registry's answer, given from memory. */
public sealed interface Admission {

    /** The deployed version, its signature and its record held when last looked at. */
    final class Admitted implements Admission {
        private final ModelVersion version;

        Admitted(ModelVersion version) {
            this.version = version;
        }

        /** The version that serves. */
        public ModelVersion version() {
            return version;
        }
    }

    /** Nothing of this name may serve; the reason is for operators, not for callers. */
    record NotAdmitted(String reason) implements Admission {}
}
