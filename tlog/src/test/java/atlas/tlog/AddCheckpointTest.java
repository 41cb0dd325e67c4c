package atlas.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddCheckpointTest {
    private static final String HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";

    @Test
    void readsWhatItWrites() throws Exception {
        NaiveTree tree = NaiveTree.records(300);
        TreeReader<RuntimeException> reader = new TreeReader<>(tree::node);
        CheckpointText to = new CheckpointText("o", 300, tree.root(300));
        String note = NoteSigner.generate("o").sign(to.text());

        AddCheckpoint request = new AddCheckpoint(100, reader.consistency(100, 300), note);
        AddCheckpoint read = AddCheckpoint.parse(request.bytes());

        assertThat(read).isEqualTo(request);
        assertThat(read.leadsFrom(tree.root(100), to)).isTrue();
        assertThat(read.leadsFrom(tree.root(99), to)).isFalse();
        assertThat(new AddCheckpoint(0, List.of(), note).bytes())
                .isEqualTo(("old 0\n\n" + note).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void takesSixtyThreeHashesAndNotOneMore() throws Exception {
        String most = "old 1\n" + (HASH + "\n").repeat(63) + "\nnote";

        assertThat(AddCheckpoint.parse(most.getBytes(StandardCharsets.UTF_8)).proof()).hasSize(63);
        String more = "old 1\n" + (HASH + "\n").repeat(64) + "\nnote";
        assertThatThrownBy(() -> AddCheckpoint.parse(more.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n",
                "old 1",
                "old 1\nnote",
                "old 01\n\nnote",
                "old -1\n\nnote",
                "old +1\n\nnote",
                "old\n\nnote",
                "old  1\n\nnote",
                "Old 1\n\nnote",
                "old 1 \n\nnote",
                "old 18446744073709551615\n\nnote",
                "old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw\n\nnote",
                "old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDp\n\nnote",
                "old 1\r\n\r\nnote",
            })
    void refusesWhatIsNoRequest(String body) {
        assertThatThrownBy(() -> AddCheckpoint.parse(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedException.class);
    }
}
