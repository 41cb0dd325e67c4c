package atlas.policy;

import atlas.core.Role;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where grants are kept; one per principal and role. Thread-safe; a write is visible to the next
 * read; a store that cannot answer throws {@link PolicyException} and permits nothing.
 */
public interface GrantStore {

    /** The grants that apply to this principal, patterns included. */
    List<Grant> of(String principal);

    /** Every grant. */
    List<Grant> all();

    /**
     * Stores a grant, in place of the one with the same principal and role.
     *
     * @throws GrantRefusedException as {@link SeparationOfDuties#check} says; nothing is stored
     */
    void put(Grant grant);

    /** Takes a role away; false when it was not granted. */
    boolean remove(String principal, Role role);

    /**
     * A number that changes with every write, readable without I/O: {@link RolePolicy} then works
     * on a compiled snapshot. Empty when the store has none: it is asked at every decision.
     */
    default OptionalLong version() {
        return OptionalLong.empty();
    }

    /**
     * Runs {@code listener} after every write, before the call that made it returns, and also when
     * another process made it. The listener must not block and does not throw.
     */
    void onChange(Runnable listener);
}
