package atlas.guard.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
