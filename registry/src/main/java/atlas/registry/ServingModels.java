package atlas.registry;

import java.util.List;

/**
 * Which models may serve, as a gateway asks for every request: from memory, without blocking.
 * Thread-safe. What cannot tell throws {@link RegistryException} and admits nothing.
 */
public interface ServingModels {

    /** Whether a name may serve, and which version. */
    Admission admit(String name);

    /** Every version whose record could be read. */
    List<ModelVersion> list();

    /**
     * Runs {@code listener} after every change of what may serve, before the call that made it
     * returns. The listener must not block and does not throw.
     */
    void onChange(Runnable listener);
}
