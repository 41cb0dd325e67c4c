package atlas.control.enrol;

import java.util.List;

/** Where invitations and joined workloads are kept. Thread-safe; a change is durable on return. */
public interface WorkloadTable {
    List<Invitation> invitations();

    void put(Invitation invitation);

    /** Forgets an invitation: it was used, or is over. False when it was not there. */
    boolean removeInvitation(String id);

    List<Workload> workloads();

    /** Keeps a workload, in place of the one with the same role and name. */
    void put(Workload workload);

    /** Forgets a workload; false when it was not there. */
    boolean remove(Workload workload);

    /** Those that were removed and must not come back by themselves. */
    List<Workload> barred();

    /** Keeps a workload as removed, until it is put again or forgotten. */
    void bar(Workload workload);
}
