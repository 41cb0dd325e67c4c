package atlas.control.enrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditLog;
import atlas.core.Glob;
import atlas.core.WorkloadId;
import atlas.core.crypto.Hashes;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EnrolmentsTest {
    private static final WorkloadId ID = new WorkloadId("atlas.test", "/gateway/gw");

    private final Table table = new Table();
    private final AuditLog journal =
            _ -> CompletableFuture.completedFuture(new AuditLog.Receipt(0, Hashes.sha256("leaf")));
    private final Enrolments enrolments = open();

    private Enrolments open() {
        return new Enrolments(table, journal, Clock.systemUTC());
    }

    private Workload join() {
        Enrolments.Invited invited =
                enrolments.invite(Workload.Role.GATEWAY, "gw", List.of(), Duration.ofMinutes(5));
        return enrolments.join(invited.invitation().id(), invited.secret()).orElseThrow();
    }

    @Test
    void aTokenWorksOnce() {
        Enrolments.Invited invited =
                enrolments.invite(Workload.Role.GATEWAY, "gw", List.of(), Duration.ofMinutes(5));
        String id = invited.invitation().id();
        assertThat(enrolments.join(id, invited.secret())).isPresent();
        assertThat(enrolments.join(id, invited.secret())).isEmpty();
    }

    @Test
    void aRemovalThatCannotBeKeptHoldsAndCanBeTriedAgain() {
        Workload workload = join();
        table.broken = true;
        assertThatThrownBy(() -> enrolments.remove(workload)).hasMessage("disk full");
        assertThat(enrolments.find(ID)).isEmpty();
        assertThat(enrolments.list()).isEmpty();

        table.broken = false;
        enrolments.remove(enrolments.removable(Workload.Role.GATEWAY, "gw").orElseThrow());
        assertThat(enrolments.removable(Workload.Role.GATEWAY, "gw")).isEmpty();
        assertThat(open().find(ID)).as("after the next start").isEmpty();
    }

    @Test
    void aNameThatWasRemovedDoesNotComeBackByItsSvidUntilItIsInvitedAgain() {
        SvidRules rules = rules("spiffe://atlas.test/gateway/*");
        assertThat(enrolments.bySvid(ID, rules)).isPresent();

        enrolments.remove(enrolments.find(ID).orElseThrow());
        assertThat(enrolments.bySvid(ID, rules)).isEmpty();
        Enrolments later = open();
        assertThat(later.bySvid(ID, rules)).as("after the next start").isEmpty();

        later.invite(Workload.Role.GATEWAY, "gw", List.of(), Duration.ofMinutes(5));
        assertThat(later.bySvid(ID, rules)).isPresent();
        assertThat(open().find(ID)).isPresent();
    }

    @Test
    void anSvidIsAWorkloadOnlyByARuleAndAPathOfOne() {
        SvidRules rules = rules("spiffe://atlas.test/gateway/eu-*");
        for (String path :
                List.of(
                        "/gateway/gw",
                        "/node/eu-1",
                        "/control",
                        "/gateway/eu-1/more",
                        "/gateway/eu-UPPER",
                        "/app/eu-1")) {
            assertThat(enrolments.bySvid(new WorkloadId("atlas.test", path), rules))
                    .as(path)
                    .isEmpty();
        }
        assertThat(enrolments.bySvid(new WorkloadId("other.test", "/gateway/eu-1"), rules))
                .isEmpty();
        assertThat(enrolments.bySvid(new WorkloadId("atlas.test", "/gateway/eu-1"), rules))
                .isPresent();
    }

    private static SvidRules rules(String pattern) {
        return new SvidRules(List.of(new SvidRules.Rule(new Glob(pattern), List.of())));
    }

    /** A table in memory that can be told to fail. */
    private static final class Table implements WorkloadTable {
        private final Map<String, Invitation> invitations = new TreeMap<>();
        private final Map<String, Workload> workloads = new TreeMap<>();
        private final Set<String> barred = new TreeSet<>();
        private boolean broken;

        @Override
        public List<Invitation> invitations() {
            return List.copyOf(invitations.values());
        }

        @Override
        public void put(Invitation invitation) {
            invitations.put(invitation.id(), invitation);
        }

        @Override
        public boolean removeInvitation(String id) {
            return invitations.remove(id) != null;
        }

        @Override
        public List<Workload> workloads() {
            return workloads.values().stream().filter(w -> !barred.contains(w.path())).toList();
        }

        @Override
        public List<Workload> barred() {
            return workloads.values().stream().filter(w -> barred.contains(w.path())).toList();
        }

        @Override
        public void bar(Workload workload) {
            if (broken) {
                throw new IllegalStateException("disk full");
            }
            workloads.put(workload.path(), workload);
            barred.add(workload.path());
        }

        @Override
        public void put(Workload workload) {
            workloads.put(workload.path(), workload);
            barred.remove(workload.path());
        }

        @Override
        public boolean remove(Workload workload) {
            barred.remove(workload.path());
            return workloads.remove(workload.path()) != null;
        }
    }
}
