package atlas.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Sensitive;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogsTest {
    private static LoggingEvent event(String message, @Nullable Throwable thrown) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event =
                new LoggingEvent("", context.getLogger("atlas"), Level.INFO, message, thrown, null);
        event.addKeyValuePair(new KeyValuePair("model", "a\nb"));
        event.addKeyValuePair(new KeyValuePair("model", "again"));
        event.addKeyValuePair(new KeyValuePair("prompt", Sensitive.of("secret words")));
        return event;
    }

    @Test
    void writesOneJsonObjectPerEventWithoutSecrets() {
        String line =
                new String(
                        new JsonLines().encode(event("model admitted", new Error("boom"))), UTF_8);
        assertThat(line.strip().lines()).hasSize(1);
        assertThat(line)
                .contains("\"message\":\"model admitted\"", "\"model\":\"a\\nb\"", "boom")
                .contains("[sensitive]")
                .doesNotContain("secret words", "again");
    }

    @Test
    void keepsForgedLinesOutOfText() {
        String line = new String(new TextLines().encode(event("one\ntwo", null)), UTF_8);
        assertThat(line.strip().lines()).hasSize(1);
        assertThat(line).contains("INFO one two", "prompt=[sensitive]");
    }
}
