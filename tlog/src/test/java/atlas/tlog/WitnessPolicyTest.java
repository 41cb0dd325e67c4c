package atlas.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.Cosigner.Algorithm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WitnessPolicyTest {
    private static final long NOW = 1_790_000_000L;
    private static final String MIRROR =
            "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O";

    private final NoteSigner log = NoteSigner.generate("log.example/a");
    private final Cosigner one = Cosigner.generate("one.example", Algorithm.ED25519);
    private final Cosigner two = Cosigner.generate("two.example", Algorithm.ML_DSA_44);
    private final Cosigner three = Cosigner.generate("three.example", Algorithm.ED25519);
    private final CheckpointText checkpoint =
            new CheckpointText("log.example/a", 7, Hashes.sha256("root"));

    private WitnessPolicy policy(String more) throws MalformedException {
        return WitnessPolicy.parse(text(more).getBytes(StandardCharsets.UTF_8));
    }

    private String text(String more) {
        return """
        # who counts
        log %s https://log.example/
        witness W1 %s https://one.example/
        \twitness\tW2  %s
        witness W3 %s
        """
                        .formatted(
                                log.verifierKey(),
                                one.verifierKey(),
                                two.verifierKey(),
                                three.verifierKey())
                + more;
    }

    private byte[] note(Cosigner... cosigners) {
        StringBuilder note = new StringBuilder(log.sign(checkpoint.text()));
        for (Cosigner cosigner : cosigners) {
            note.append(cosigner.line(checkpoint, NOW));
        }
        return note.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void countsTheWitnessesThatCosigned() throws Exception {
        WitnessPolicy policy = policy("group G 2 W1 W2 W3\nquorum G\n");

        assertThat(policy.judge(note(one), Optional.empty()).quorum()).isFalse();
        WitnessPolicy.Standing standing = policy.judge(note(one, two), Optional.empty());

        assertThat(standing.quorum()).isTrue();
        assertThat(standing.witnesses())
                .extracting(WitnessPolicy.Witness::name)
                .containsExactly("W1", "W2");
        assertThat(standing.signatures())
                .extracting(SignedNote.Checked::time)
                .containsExactly(Optional.empty(), Optional.of(NOW), Optional.of(NOW));
        assertThat(policy.judge(note(one, one, one), Optional.empty()).quorum()).isFalse();
    }

    @Test
    void countsGroupsOfGroups() throws Exception {
        WitnessPolicy policy = policy("group X any W1 W2\ngroup Y all X W3\nquorum Y");

        assertThat(policy.satisfiedBy(Set.of("W1", "W2"))).isFalse();
        assertThat(policy.satisfiedBy(Set.of("W2", "W3"))).isTrue();
        assertThat(policy.satisfiedBy(Set.of("X", "W3"))).isFalse();
        assertThat(policy("quorum none\n").satisfiedBy(Set.of())).isTrue();
        assertThat(policy("quorum W2\n").satisfiedBy(Set.of("W1", "W3"))).isFalse();
    }

    @Test
    void believesNoCheckpointThatItsLogDidNotSign() throws Exception {
        WitnessPolicy policy = policy("quorum none\n");
        CheckpointText other = new CheckpointText("log.example/b", 7, Hashes.sha256("root"));
        String stranger = NoteSigner.generate("log.example/a").sign(checkpoint.text());
        String elsewhere = log.sign(other.text());

        for (String note : List.of(stranger, elsewhere)) {
            assertThatThrownBy(() ->
                            policy.judge(note.getBytes(StandardCharsets.UTF_8), Optional.empty()))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("not signed by that log");
        }
    }

    @Test
    void refusesACosignatureOverAnotherTree() throws Exception {
        WitnessPolicy policy = policy("group G any W1 W2 W3\nquorum G\n");
        CheckpointText other = new CheckpointText("log.example/a", 7, Hashes.sha256("fork"));

        for (Cosigner cosigner : List.of(one, two)) {
            byte[] note =
                    (log.sign(checkpoint.text()) + cosigner.line(other, NOW))
                            .getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> policy.judge(note, Optional.empty()))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("is not over this text");
        }
    }

    @Test
    void doesNotCountACosignatureWithoutATime() throws Exception {
        WitnessPolicy policy = policy("quorum W1\n");
        SignedNote.Line dated =
                SignedNote.lines(one.line(checkpoint, NOW).getBytes(StandardCharsets.UTF_8))
                        .getFirst();
        byte[] blob = dated.signature();
        java.util.Arrays.fill(blob, 4, 12, (byte) 0);
        String undated = new SignedNote.Line(dated.name(), blob).text();

        // Its time is part of what is signed, so cutting it out breaks it.
        assertThatThrownBy(() ->
                        policy.judge(
                                (log.sign(checkpoint.text()) + undated)
                                        .getBytes(StandardCharsets.UTF_8),
                                Optional.empty()))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> one.line(checkpoint, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "quorum G\n",
                "quorum W1\nquorum W1\n",
                "quorum none none\n",
                "group G 2 W1\nquorum G\n",
                "group G 0 W1\nquorum G\n",
                "group G 01 W1 W2\nquorum G\n",
                "group G -1 W1 W2\nquorum G\n",
                "group G any\nquorum G\n",
                "group G any W1 W1\nquorum G\n",
                "group G any W1\ngroup H any W1\nquorum H\n",
                "group G any G\nquorum G\n",
                "group G any H\ngroup H any W1\nquorum G\n",
                "group W1 any W2\nquorum W1\n",
                "group none any W2\nquorum none\n",
                "group G any none\nquorum G\n",
                "group G any W9\nquorum G\n",
                "Quorum W1\n",
                "quorum W1\r\n",
                "quorum W1\u0007\n",
                "witness W4\nquorum W1\n",
            })
    void refusesAPolicyThatDoesNotSayWhatItMeans(String more) {
        assertThatThrownBy(() -> policy(more)).isInstanceOf(MalformedException.class);
    }

    @Test
    void refusesAKeyGivenTwiceAndALogsKeyForAWitness() {
        String again = "witness W4 " + one.verifierKey() + "\nquorum W4\n";
        String logs = "witness W4 " + log.verifierKey() + "\nquorum W4\n";
        String twice = "log " + log.verifierKey() + "\nquorum none\n";

        assertThatThrownBy(() -> policy(again)).hasMessageContaining("given twice");
        assertThatThrownBy(() -> policy(logs))
                .hasMessage(
                        "line 6: the key of `W4` does not make"
                                + " cosignatures; it is a log's key");
        assertThatThrownBy(() -> policy(twice)).hasMessageContaining("given twice");
    }

    @Test
    void keepsNamesApartByTheirOctets() throws Exception {
        String kelvin =
                text("").replace("witness W1 ", "witness K ").replace("\tW2 ", "\t\u212a ")
                        + "quorum \u212a\n";
        WitnessPolicy policy = WitnessPolicy.parse(kelvin.getBytes(StandardCharsets.UTF_8));

        assertThat(policy.satisfiedBy(Set.of("K"))).isFalse();
        assertThat(policy.judge(note(two), Optional.empty()).quorum()).isTrue();
        assertThat(policy.judge(note(one), Optional.empty()).quorum()).isFalse();
    }

    @Test
    void takesManyOfEach() throws Exception {
        StringBuilder text = new StringBuilder();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Cosigner cosigner = Cosigner.generate("w" + i, Algorithm.ED25519);
            text.append("log ").append(NoteSigner.generate("l" + i).verifierKey()).append('\n');
            text.append("witness w" + i + " ").append(cosigner.verifierKey()).append('\n');
            text.append("group g" + i + " all w" + i + (i == 0 ? "" : " g" + (i - 1)) + "\n");
            names.add("w" + i);
        }
        text.append("quorum g39\n");
        WitnessPolicy policy =
                WitnessPolicy.parse(text.toString().getBytes(StandardCharsets.UTF_8));

        assertThat(policy.logs()).hasSize(40);
        assertThat(policy.satisfiedBy(Set.copyOf(names))).isTrue();
        assertThat(policy.satisfiedBy(Set.copyOf(names.subList(1, 40)))).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void cosignsWhatItsOwnKeyVerifies(Algorithm algorithm) throws Exception {
        Cosigner made = Cosigner.generate("w.example", algorithm);
        Cosigner again = Cosigner.decode(made.encoded());
        NoteVerifierKey key = NoteVerifierKey.parse(made.verifierKey().toString());
        byte[] note =
                (log.sign(checkpoint.text()) + again.line(checkpoint, NOW))
                        .getBytes(StandardCharsets.UTF_8);

        assertThat(SignedNote.parse(note).check(List.of(key))).hasSize(1);
        assertThat(SignedNote.parse(note).bytes()).isEqualTo(note);
        byte[] other = Cosigner.generate("w.example", algorithm).encoded();
        byte[] mixed = made.encoded();
        int half = mixed.length / 2;
        System.arraycopy(other, half, mixed, half, mixed.length - half);
        for (byte[] wrong :
                List.of(mixed, java.util.Arrays.copyOf(mixed, 9), new byte[0], new byte[400])) {
            assertThatThrownBy(() -> Cosigner.decode(wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void believesACheckpointThatAForeignWitnessCosigned() throws Exception {
        String text = "witness mirror " + MIRROR + "\nquorum mirror\n";
        WitnessPolicy policy = WitnessPolicy.parse(text.getBytes(StandardCharsets.UTF_8));

        WitnessPolicy.Standing standing = policy.judge(read("checkpoint"), Optional.empty());

        assertThat(standing.quorum()).isTrue();
        assertThat(standing.checkpoint().origin()).isEqualTo("rome2026h1.example.org");
        assertThat(standing.signatures().getFirst().time()).contains(1_767_139_200L);
        TreeReader<RuntimeException> tiles =
                new TreeReader<>((level, index) -> node(level, index, 300));
        assertThat(tiles.root(300)).isEqualTo(standing.checkpoint().root());
        // Tile 0 of level 1 is the root of tile 0 of level 0.
        assertThat(Digest.of(read("tile/1/000.p/1"))).isEqualTo(Digest.of(node(8, 0, 300)));
    }

    private static byte[] node(int level, long index, long size) {
        long first = level == 8 ? 0 : index << level;
        int width = TilePath.width(0, first / TilePath.WIDTH, size);
        byte[] tile = read(TilePath.tile(0, first / TilePath.WIDTH, width));
        return new TreeHasher().perfect(tile, (int) (first % TilePath.WIDTH), 1 << level);
    }

    private static byte[] read(String path) {
        try (var in = WitnessPolicyTest.class.getResourceAsStream("/tlog/sunlight/" + path)) {
            return Objects.requireNonNull(in, path).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
