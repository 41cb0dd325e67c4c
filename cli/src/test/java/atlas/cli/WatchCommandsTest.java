package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchCommandsTest {
    @TempDir Path temp;

    private Shell.Said replay(Path in) {
        return Shell.run(
                "watch",
                "replay",
                "--input",
                in.toString(),
                "--output",
                temp.resolve("alerts.jsonl").toString());
    }

    @Test
    void saysWhatLooksWrongInARecordedStream() throws Exception {
        Path in = temp.resolve("events.csv");
        StringBuilder text =
                new StringBuilder(
                        "ts_s,principal,country,ip24,ua,op,model,in_tok,out_tok,decision,guard,prompt_bucket\n");
        for (int i = 0; i < 10; i++) {
            text.append(i * 20).append(",eve,DE,1.2.3,ua1,chat,m,10,20,deny,clean,ab12cd\n");
        }
        Files.writeString(in, text);

        Shell.Said said = replay(in);

        assertThat(said.status()).as(said.err()).isZero();
        assertThat(said.err()).contains("10 events, 1 alerts");
        JsonNode alert = Remote.JSON.readTree(Files.readString(temp.resolve("alerts.jsonl")));
        assertThat(alert.path("principal").asText()).isEqualTo("eve");
        assertThat(alert.path("kind").asText()).isEqualTo("denied_burst");
        assertThat(alert.path("last").asDouble()).isEqualTo(140);
    }

    @Test
    void whatCannotBeReadIsCouldNotTell() throws Exception {
        assertThat(replay(temp.resolve("no")).status()).isEqualTo(Main.UNKNOWN);
        Path bad = Files.writeString(temp.resolve("bad.csv"), "a,b\n1,2\n");
        Shell.Said said = replay(bad);
        assertThat(said.status()).isEqualTo(Main.UNKNOWN);
        assertThat(said.err()).contains("line 1: there is no column `ts_s`");
    }
}
