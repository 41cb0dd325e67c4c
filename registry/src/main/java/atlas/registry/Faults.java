package atlas.registry;

/** Named points between durable steps, where tests stop the registry as a crash would. */
@FunctionalInterface
interface Faults {
    Faults NONE = _ -> {};

    /** Called after the step of this name. */
    void after(String step);
}
