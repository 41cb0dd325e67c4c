package atlas.export.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.export.format.ExportLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Delivery to a real rsyslog, over RFC 5425. */
class RsyslogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");

    @TempDir Path folder;

    private record Receiver(Process process, int port) implements AutoCloseable {
        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Receiver start(Keys server, Path into) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path configuration =
                Files.writeString(
                        folder.resolve("rsyslog.conf"),
                        """
                        global(workDirectory="%1$s" maxMessageSize="64k"
                          defaultNetstreamDriver="ossl"
                          defaultNetstreamDriverCAFile="%2$s"
                          defaultNetstreamDriverCertFile="%3$s"
                          defaultNetstreamDriverKeyFile="%4$s")
                        module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
                          streamDriver.authMode="anon")
                        template(name="raw" type="string"
                          string="%%pri%%|%%protocol-version%%|%%timereported:::date-rfc3339%%\
                          |%%hostname%%|%%app-name%%|%%msgid%%|%%msg%%\\n")
                        ruleset(name="out") { action(type="omfile" file="%5$s" template="raw") }
                        input(type="imtcp" address="127.0.0.1" port="%6$d" ruleset="out")
                        """
                                .formatted(
                                        folder,
                                        server.certificatePem(folder.resolve("ca.pem")),
                                        server.certificatePem(folder.resolve("server.pem")),
                                        server.keyPem(folder.resolve("server.key")),
                                        into,
                                        port));
        Process process =
                new ProcessBuilder(
                                RSYSLOGD.toString(),
                                "-n",
                                "-f",
                                configuration.toString(),
                                "-i",
                                folder.resolve("rsyslog.pid").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("rsyslog.log").toFile())
                        .start();
        Receiver receiver = new Receiver(process, port);
        await(receiver, "rsyslog listens", () -> listens(port));
        return receiver;
    }

    private static boolean listens(int port) {
        try (var probe = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private void await(Receiver receiver, String what, Condition condition) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(receiver.process().isAlive() && System.nanoTime() < end)
                    .as(
                            "%s; rsyslog said: %s",
                            what, Files.readString(folder.resolve("rsyslog.log")))
                    .isTrue();
            LockSupport.parkNanos(50_000_000);
        }
    }

    @Test
    void rsyslogHasEveryLineOnceTheBatchIsConfirmed() throws Exception {
        RealPeer.need(Files.isExecutable(RSYSLOGD) && speaksTls(), "rsyslog and rsyslog-openssl");
        Keys server = Keys.named(folder, "dns:localhost");
        Path into = folder.resolve("received.log");
        List<ExportLine> lines = Lines.some();
        try (Receiver receiver = start(server, into)) {
            try (Delivery delivery =
                    new SyslogDelivery("localhost", receiver.port(), server.pinned())) {
                delivery.deliver(lines);
                delivery.deliver(lines);
            } catch (IOException e) {
                throw new AssertionError(Files.readString(folder.resolve("rsyslog.log")), e);
            }
            await(
                    receiver,
                    "all lines in " + into,
                    () -> Files.exists(into) && lines(into).size() == 2 * lines.size());
            List<String> received = lines(into);
            for (int i = 0; i < lines.size(); i++) {
                String[] parts = received.get(i).split("\\|", 7);
                assertThat(parts[1]).isEqualTo("1");
                assertThat(parts[2]).startsWith("2026-03-04T05:06:07.123456");
                assertThat(parts[3]).isEqualTo("test.internal/journal/1");
                assertThat(parts[4]).isEqualTo("atlas");
                assertThat(parts[5]).isEqualTo(lines.get(i).kind());
                assertThat(parts[6]).isEqualTo(new String(lines.get(i).text(), UTF_8));
            }
        }
    }

    private static boolean speaksTls() throws IOException {
        Path libraries = Path.of("/usr/lib");
        try (var below = Files.newDirectoryStream(libraries)) {
            for (Path one : below) {
                if (Files.exists(one.resolve("rsyslog/lmnsd_ossl.so"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file, UTF_8);
    }
}
