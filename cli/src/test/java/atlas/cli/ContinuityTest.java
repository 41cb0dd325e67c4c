package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContinuityTest {
    @Test
    void whatFollowsSaysNothing() {
        Continuity got = new Continuity(7);
        assertThat(got.take(7)).isEmpty();
        assertThat(got.take(8)).isEmpty();
        assertThat(got.next()).isEqualTo(9);
        assertThat(got.summary()).isEqualTo("exported 2 entries, the next is 9");
    }

    @Test
    void whatRetentionRemovedIsSaidAndNotCountedAsExported() {
        Continuity got = new Continuity(0);
        assertThat(got.take(512))
                .hasValueSatisfying(said -> {
                    assertThat(said).contains("entries 0 to 511 are not in the journal any more");
                });
        assertThat(got.take(513)).isEmpty();
        assertThat(got.take(515))
                .hasValueSatisfying(said -> {
                    assertThat(said).contains("entry 514 is not in the journal any more");
                });
        assertThat(got.summary())
                .isEqualTo(
                        "exported 3 entries, the next is 516; 513 removed by retention are not"
                                + " among them");
    }
}
