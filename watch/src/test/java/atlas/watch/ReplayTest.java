package atlas.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final String HEADER =
            "ts_s,principal,country,ip24,ua,op,model,in_tok,out_tok,decision,guard,prompt_bucket";

    @TempDir Path temp;

    private static String event(double at, String decision) {
        return "%.1f,p1,DE,1.2.3,ua1,chat,m,10,20,%s,clean,ab12cd".formatted(at, decision);
    }

    private static String denials(String header, String more) {
        StringBuilder text = new StringBuilder(header).append('\n');
        for (int i = 0; i < 9; i++) {
            text.append(event(100 + i * 10, "deny")).append(more).append('\n');
        }
        return text.toString();
    }

    private List<String> replay(String text, boolean zipped) throws IOException {
        Path in = temp.resolve("in.csv");
        Path out = temp.resolve("out.jsonl");
        try (OutputStream raw = Files.newOutputStream(in);
                OutputStream to = zipped ? new GZIPOutputStream(raw) : raw) {
            to.write(text.getBytes(StandardCharsets.UTF_8));
        }
        Replay.run(in, out);
        return Files.readAllLines(out);
    }

    @Test
    void writesOneAlertALine() throws Exception {
        assertThat(replay(denials(HEADER, ""), false))
                .containsExactly(
                        "{\"principal\":\"p1\",\"kind\":\"denied_burst\",\"severity\":\"medium\","
                                + "\"first\":100.0,\"last\":170.0,\"score\":4.286,"
                                + "\"explanation\":\"8 of the last 8 requests were refused, within"
                                + " 70s; 8 within 300s is the limit\","
                                + "\"evidence\":[2,3,4,5,6,7,8,9]}");
    }

    @Test
    void readsGzipAndGivesTheSameEveryTime() throws Exception {
        List<String> once = replay(denials(HEADER, ""), true);
        assertThat(once).isEqualTo(replay(denials(HEADER, ""), false)).hasSize(1);
    }

    @Test
    void looksAtNoLabel() throws Exception {
        assertThat(replay(denials(HEADER + ",label,scenario", ",1,denied_burst-0"), false))
                .isEqualTo(replay(denials(HEADER + ",label,scenario", ",0,"), false))
                .hasSize(1);
    }

    @Test
    void saysWhichLineIsWrongAndHowToMendIt() {
        assertWrong("principal\n", "line 1: there is no column `ts_s` in the header");
        assertWrong("", "line 1: there is no column `ts_s` in the header");
        assertWrong(HEADER + "\n1,2\n", "line 2: 2 fields, the header has 12");
        assertWrong(
                HEADER + "\n" + event(1, "allow").replace("1.0,", "soon,") + "\n",
                "line 2: `ts_s` is not a number of seconds");
        assertWrong(
                HEADER + "\n" + event(1, "allow").replace("1.0,", "NaN,") + "\n",
                "line 2: `ts_s` is not a number of seconds");
        assertWrong(
                HEADER + "\n" + event(1, "allow").replace(",20,", ",many,") + "\n",
                "line 2: `out_tok` is not a whole number");
        assertWrong(
                HEADER + "\n" + event(900, "allow") + "\n" + event(1, "allow") + "\n",
                "line 3: `ts_s` goes back by more than five minutes; sort the events by time");
        assertWrong(
                HEADER + "\n" + event(1, "allow").replace("DE", "\"DE\"") + "\n",
                "line 2: quoted fields are not read");
    }

    private void assertWrong(String text, String message) {
        assertThatThrownBy(() -> replay(text, false))
                .isInstanceOf(WatchException.class)
                .hasMessageEndingWith(message);
    }
}
