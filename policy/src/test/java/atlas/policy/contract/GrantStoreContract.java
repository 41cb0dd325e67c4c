package atlas.policy.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Glob;
import atlas.core.Role;
import atlas.policy.Grant;
import atlas.policy.GrantRefusedException;
import atlas.policy.GrantStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What every grant store does; each implementation runs it. */
public abstract class GrantStoreContract {
    private static final Instant END = Instant.parse("2026-04-01T00:00:00Z");

    /** An empty store. */
    protected abstract GrantStore store();

    private static Grant grant(String principal, Role role, String... models) {
        return new Grant(
                principal,
                role,
                List.of(models).stream().map(Glob::new).toList(),
                "default",
                Optional.of(END));
    }

    @Test
    public void givesBackEveryFieldOfWhatWasPut() {
        GrantStore store = store();
        Grant grant = grant("alice", Role.CONSUMER, "tiny*", "big-'1'");
        store.put(grant);
        assertThat(store.of("alice")).containsExactly(grant);
        assertThat(store.all()).containsExactly(grant);
        assertThat(store.of("alicea")).isEmpty();
        assertThat(store.of("Alice")).isEmpty();
        assertThat(store.of("%")).isEmpty();
    }

    @Test
    public void keepsOneGrantPerPrincipalAndRole() {
        GrantStore store = store();
        store.put(grant("alice", Role.CONSUMER, "a"));
        store.put(grant("alice", Role.CONSUMER, "b"));
        store.put(grant("alice", Role.OPERATOR));
        assertThat(store.of("alice"))
                .containsExactlyInAnyOrder(
                        grant("alice", Role.CONSUMER, "b"), grant("alice", Role.OPERATOR));
    }

    @Test
    public void takesAGrantAwayOnce() {
        GrantStore store = store();
        store.put(grant("alice", Role.CONSUMER, "a"));
        assertThat(store.remove("alice", Role.OPERATOR)).isFalse();
        assertThat(store.remove("alice", Role.CONSUMER)).isTrue();
        assertThat(store.remove("alice", Role.CONSUMER)).isFalse();
        assertThat(store.of("alice")).isEmpty();
    }

    @Test
    public void findsPatternsForThePrincipalsTheyMatch() {
        GrantStore store = store();
        Grant pattern = grant("oidc:https://idp.example#*", Role.AUDITOR);
        store.put(pattern);
        store.put(grant("bob", Role.CONSUMER, "a"));
        assertThat(store.of("oidc:https://idp.example#alice")).containsExactly(pattern);
        assertThat(store.of("oidc:https://idp.example.evil#alice")).isEmpty();
    }

    @Test
    public void refusesDutiesThatCheckEachOtherAndStoresNothing() {
        GrantStore store = store();
        store.put(grant("alice", Role.MODEL_ADMIN));
        assertThatThrownBy(() -> store.put(grant("alice", Role.OPERATOR)))
                .isInstanceOf(GrantRefusedException.class)
                .hasMessageContaining("who approves a model does not deploy it");
        assertThatThrownBy(() -> store.put(grant("al*", Role.OPERATOR)))
                .isInstanceOf(GrantRefusedException.class);
        assertThat(store.all()).containsExactly(grant("alice", Role.MODEL_ADMIN));
    }

    @Test
    public void itsVersionChangesWithEveryWriteIfItHasOne() {
        GrantStore store = store();
        OptionalLong before = store.version();
        store.put(grant("alice", Role.CONSUMER, "a"));
        OptionalLong put = store.version();
        store.remove("alice", Role.CONSUMER);
        OptionalLong removed = store.version();
        assertThat(before.isPresent()).isEqualTo(removed.isPresent());
        if (before.isPresent()) {
            assertThat(put).isNotEqualTo(before);
            assertThat(removed).isNotEqualTo(put);
        }
    }

    @Test
    public void tellsOfEveryWriteBeforeItReturns() {
        GrantStore store = store();
        List<Integer> seen = new ArrayList<>();
        store.onChange(() -> seen.add(store.all().size()));
        store.put(grant("alice", Role.CONSUMER, "a"));
        store.put(grant("bob", Role.CONSUMER, "a"));
        store.remove("alice", Role.CONSUMER);
        store.remove("alice", Role.CONSUMER);
        assertThat(seen).containsExactly(1, 2, 1);
    }
}
