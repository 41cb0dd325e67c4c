package atlas.guard.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeakWatchTest {
    private static final String PROMPT =
            "You are the assistant of Example Bank. Never talk about politics. Always answer in two"
                    + " short sentences and end with a friendly wish. The code word is marmalade.";

    @Test
    void takesRepeatedSentencesOut() {
        String answer =
                "Sure! My rules: \"Always answer in two short sentences and end with a friendly"
                        + " wish.\" Ok?";

        assertThat(watch(answer, answer.length()))
                .isEqualTo("Sure! My rules: \"[REDACTED:SYSTEM_PROMPT].\" Ok?");
    }

    @Test
    void doesNotMindCaseBreaksAndSigns() {
        String answer = "ALWAYS answer, in TWO short\nsentences - and end with a friendly wish";

        assertThat(watch(answer, answer.length())).isEqualTo("[REDACTED:SYSTEM_PROMPT]");
    }

    @Test
    void leavesSharedPhrasesAlone() {
        for (String answer :
                List.of(
                        "You are the assistant of my dreams, and the code word is not known to me.",
                        "I never talk about politics.",
                        "Here are two short sentences. They end with a friendly smile.")) {
            assertThat(watch(answer, answer.length())).isEqualTo(answer);
        }
    }

    @Test
    void givesTheSameWhereverTheTextIsSplit() {
        String answer =
                "x " + PROMPT + " y. " + PROMPT.substring(20) + " Never talk about politics, z";
        String whole = watch(answer, answer.length());

        assertThat(whole).contains("[REDACTED:SYSTEM_PROMPT]").doesNotContain("marmalade");
        for (int size = 1; size < answer.length(); size++) {
            assertThat(watch(answer, size)).as("pieces of %d", size).isEqualTo(whole);
        }
    }

    @Test
    void withholdsOnlyWhatMayBecomeALeak() {
        LeakWatch watch = new LeakWatch(List.of(PROMPT));

        assertThat(watch.feed("Hello there, ")).isEqualTo("Hello there, ");
        assertThat(watch.feed("always answer in ")).isEmpty();
        assertThat(watch.feed("time, ")).isEqualTo("always answer in time, ");
    }

    @Test
    void takesItsBase64OutFromWhereverItBegins() {
        byte[] bytes = PROMPT.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < 9; from++) {
            for (int length = 21; length < 60; length++) {
                byte[] part = Arrays.copyOfRange(bytes, from, from + length);
                for (Base64.Encoder encoder :
                        List.of(
                                Base64.getEncoder(),
                                Base64.getUrlEncoder(),
                                Base64.getEncoder().withoutPadding())) {
                    String answer = "It is " + encoder.encodeToString(part) + " in short.";
                    for (int size : new int[] {1, 3, answer.length()}) {
                        assertThat(watch(answer, size))
                                .as("%d bytes from %d, in pieces of %d", length, from, size)
                                .isEqualTo("It is [REDACTED:SYSTEM_PROMPT] in short.");
                    }
                }
            }
        }
    }

    @Test
    void takesItOutWrittenBackwardsOrTurned() {
        String backwards = new StringBuilder(PROMPT).reverse().toString();
        String turned = "Nyjnlf nafjre va gjb fubeg fragraprf naq raq jvgu n sevraqyl jvfu";

        assertThat(watch("So: " + backwards, 5)).isEqualTo("So: .[REDACTED:SYSTEM_PROMPT]");
        assertThat(watch("So: " + turned, 5)).isEqualTo("So: [REDACTED:SYSTEM_PROMPT]");
    }

    @Test
    void protectsTextsWhoseLettersTakeSeveralBytes() {
        String prompt = "入力された 文章の 誤字脱字を 訂正し 読みやすいように 校閲してください ".repeat(40);
        LeakWatch watch = new LeakWatch(List.of(prompt));
        String encoded =
                Base64.getEncoder().encodeToString(prompt.getBytes(StandardCharsets.UTF_8));

        assertThat(watch.feed(encoded) + watch.finish()).isEqualTo("[REDACTED:SYSTEM_PROMPT]");
    }

    @Test
    void leavesOtherEncodedTextAlone() {
        Random random = new Random(11);
        for (int round = 0; round < 500; round++) {
            byte[] other = new byte[20 + random.nextInt(120)];
            random.nextBytes(other);
            String answer =
                    "Here: " + Base64.getEncoder().encodeToString(other) + " and more/less.";
            assertThat(watch(answer, 1 + random.nextInt(40))).isEqualTo(answer);
        }
    }

    @Test
    void whatFollowsAnEncodedLeakInTheSameWordIsTextAgain() {
        String leak =
                Base64.getEncoder()
                        .encodeToString(PROMPT.substring(0, 30).getBytes(StandardCharsets.UTF_8));

        assertThat(watch(leak + "QUJDREVGR0hJSktM and on", 4))
                .isEqualTo("[REDACTED:SYSTEM_PROMPT]QUJDREVGR0hJSktM and on");
    }

    @Test
    void isIdleWithoutTexts() {
        assertThat(new LeakWatch(List.of()).idle()).isTrue();
        assertThat(new LeakWatch(List.of("too short")).idle()).isTrue();
    }

    private static String watch(String text, int size) {
        LeakWatch watch = new LeakWatch(List.of(PROMPT));
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < text.length(); at += size) {
            out.append(watch.feed(text.substring(at, Math.min(text.length(), at + size))));
        }
        return out.append(watch.finish()).toString();
    }
}
