package atlas.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Principal;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.InferenceFacts;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.InferenceFacts.Output;
import atlas.policy.InferenceFacts.Sampling;
import atlas.policy.Question;
import atlas.policy.Resource;
import atlas.policy.Surroundings;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadingsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.999Z");

    private static Question about(Circumstances circumstances) {
        Principal principal =
                new Principal(
                        "p",
                        Principal.Kind.SERVICE,
                        "default",
                        Set.of(),
                        List.of(),
                        new Principal.Credential(
                                Principal.Credential.Kind.JWT,
                                "t",
                                NOW.minusSeconds(61),
                                Instant.MAX,
                                Optional.empty()));
        return new Question(
                principal,
                Set.of(),
                Set.of(),
                Action.MODEL_INFER,
                Resource.model("m"),
                circumstances,
                Surroundings.quiet(),
                NOW);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "::ffff:10.0.0.1, 10.0.0.1",
        "2001:db8:0:0:0:0:0:1, 2001:db8::1",
        "2001:DB8::1, 2001:db8::1",
        "fe80::1%1, fe80::1"
    })
    void anAddressHasOneSpelling(String literal, String address) {
        assertThat(Fact.SOURCE.read(about(Circumstances.from(literal)))).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost",
        "256.1.1.1",
        "1.2.3",
        "1..2.3",
        "1.2.3.4.5",
        "10.0.0.0/8",
        "01.2.3.4",
        "a.b.c.d",
        "''"
    })
    void whatIsNoAddressIsNotKnown(String literal) {
        assertThat(Fact.SOURCE.read(about(Circumstances.from(literal))))
                .as(literal)
                .isSameAs(Fact.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "0.7, 0.7000",
        "1.0, 1.0000",
        "1.00001, 1.0001",
        "-0.00001, 0.0000",
        "1e300, 922337203685477.5807",
        "-1e300, -922337203685477.5807"
    })
    void aTemperatureIsRoundedUp(double asked, String decimal) {
        InferenceFacts facts =
                new InferenceFacts(
                        "chat",
                        Classification.INTERNAL,
                        0,
                        new Sampling(OptionalLong.empty(), OptionalDouble.of(asked)),
                        Output.PLAIN,
                        List.of());
        assertThat(Fact.TEMPERATURE.read(about(Circumstances.none().asking(facts))))
                .isEqualTo(decimal);
    }

    @Test
    void timesAreWholeSecondsAndForeverFits() {
        Question question = about(Circumstances.none());
        assertThat(Fact.TIME_OF_CALL.read(question)).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(Fact.WEEKDAY.read(question)).isEqualTo("sun");
        assertThat(Fact.CREDENTIAL_AGE.read(question)).isEqualTo(61L);
        assertThat((Long) Fact.CREDENTIAL_LIFE.read(question)).isPositive();
    }
}
