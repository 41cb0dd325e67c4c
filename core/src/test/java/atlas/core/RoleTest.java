package atlas.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RoleTest {
    @Test
    void theFiveDutiesAreBuiltInAndEverythingElseIsCustom() {
        assertThat(Role.builtIn())
                .extracting(Role::wireName)
                .containsExactly(
                        "consumer", "operator", "model_admin", "security_admin", "auditor");
        assertThat(Role.builtIn()).allMatch(Role::isBuiltIn);
        assertThat(Role.of("release-reader").isBuiltIn()).isFalse();
        assertThat(Role.of("auditor")).isSameAs(Role.AUDITOR);
    }

    @Test
    void aBuiltInRoleHasNoLookAlikeSpelledWithHyphens() {
        assertThat(new Role("model-admin")).isEqualTo(Role.MODEL_ADMIN);
        assertThat(Role.of("security-admin")).isEqualTo(Role.SECURITY_ADMIN);
        assertThat(Role.of("security-admin").isBuiltIn()).isTrue();
        assertThat(Role.of("security-admins").isBuiltIn()).isFalse();
    }

    @Test
    void refusesWhatIsNoName() {
        for (String name :
                List.of("", "-x", "_x", "A", "Auditor", "a b", "a*", "ä", "a/b", "a".repeat(65))) {
            assertThat(Role.ofWireName(name)).as("`%s`", name).isEmpty();
            assertThatThrownBy(() -> new Role(name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Role.ofWireName("a".repeat(64))).isPresent();
        assertThat(Role.ofWireName("2nd-line_support")).isPresent();
    }

    @Test
    void theBuiltInRolesComeFirst() {
        Set<Role> sorted =
                new TreeSet<>(
                        List.of(
                                new Role("zebra"),
                                Role.AUDITOR,
                                new Role("ape"),
                                Role.CONSUMER,
                                new Role("auditor")));
        assertThat(sorted)
                .extracting(Role::wireName)
                .containsExactly("consumer", "auditor", "ape", "zebra");
    }
}
