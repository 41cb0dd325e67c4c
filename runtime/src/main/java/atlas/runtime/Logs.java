package atlas.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.slf4j.LoggerFactory;

/**
 * Sets the process's logging up in code: one line per event on stderr, nothing below INFO,
 * libraries quiet. Values that are {@code Sensitive} print as {@code [sensitive]}. The last call
 * wins.
 */
public final class Logs {
    private static final String[] LIBRARIES = {
        "io.netty", "com.fizzed", "com.zaxxer", "org.sqlite"
    };

    private Logs() {}

    /** One JSON object per line. */
    public static void json() {
        use(new JsonLines());
    }

    /** Lines for people. */
    public static void text() {
        use(new TextLines());
    }

    private static void use(EncoderBase<ILoggingEvent> encoder) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            throw new IllegalStateException("another logging library has taken over");
        }
        context.reset();
        encoder.setContext(context);
        encoder.start();
        PacedLines stderr = new PacedLines(encoder, Logs::write);
        stderr.setContext(context);
        stderr.start();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("log-end").unstarted(stderr::stop));
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(stderr);
        for (String library : LIBRARIES) {
            context.getLogger(library).setLevel(Level.WARN);
        }
    }

    private static void write(byte[] lines) {
        try {
            OutputStream stderr = ConsoleTarget.SystemErr.getStream();
            stderr.write(lines);
            stderr.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to stderr", e);
        }
    }
}
