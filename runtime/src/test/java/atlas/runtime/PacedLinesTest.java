package atlas.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PacedLinesTest {
    private final LoggerContext context = new LoggerContext();
    private final List<String> written = new CopyOnWriteArrayList<>();

    private PacedLines lines(Consumer<byte[]> out) {
        TextLines text = new TextLines();
        text.setContext(context);
        text.start();
        PacedLines lines = new PacedLines(text, out);
        lines.setContext(context);
        lines.start();
        return lines;
    }

    private void write(byte[] bytes) {
        new String(bytes, UTF_8).lines().forEach(written::add);
    }

    private LoggingEvent event(Level level, String message) {
        return new LoggingEvent("", context.getLogger("atlas"), level, message, null, null);
    }

    @Test
    void writesEveryLineInTheOrderItCame() {
        PacedLines lines = lines(this::write);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            lines.doAppend(event(Level.INFO, "line " + i));
            expected.add("line " + i);
        }
        lines.stop();
        assertThat(written).hasSize(5_000);
        for (int i = 0; i < 5_000; i++) {
            assertThat(written.get(i)).endsWith(expected.get(i));
        }
    }

    @Test
    void writesAnErrorWithoutBeingAskedAgain() throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(1);
        PacedLines lines = lines(bytes -> seen.countDown());
        lines.doAppend(event(Level.ERROR, "a person must act"));
        seen.await();
        lines.stop();
    }

    @Test
    void dropsWhatIsTooMuchSaysHowManyAndKeepsWarnings() throws InterruptedException {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        PacedLines lines =
                lines(bytes -> {
                    writing.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    write(bytes);
                });
        lines.doAppend(event(Level.WARN, "first"));
        writing.await();
        for (int i = 0; i < 8192 + 50; i++) {
            lines.doAppend(event(Level.INFO, "line"));
        }
        lines.doAppend(event(Level.WARN, "kept"));
        go.countDown();
        lines.stop();

        assertThat(written.stream().filter(l -> l.endsWith("INFO line"))).hasSize(8192);
        assertThat(written).anyMatch(l -> l.endsWith("WARN kept"));
        assertThat(written).anyMatch(l -> l.endsWith("log lines were dropped lines=50"));
    }

    @Test
    void afterTheEndALineIsWrittenByWhoeverLogsIt() {
        PacedLines lines = lines(this::write);
        lines.stop();
        lines.doAppend(event(Level.INFO, "a last word"));
        assertThat(written).singleElement().asString().endsWith("a last word");
    }

    @Test
    void goesOnAfterALineThatCouldNotBeWritten() throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        PacedLines lines =
                lines(bytes -> {
                    if (failed.getCount() > 0) {
                        failed.countDown();
                        throw new IllegalStateException("the pipe is gone");
                    }
                    seen.countDown();
                });
        lines.doAppend(event(Level.ERROR, "first"));
        failed.await();
        lines.doAppend(event(Level.ERROR, "second"));
        assertThat(seen.await(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        lines.stop();
    }
}
