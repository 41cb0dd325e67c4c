package atlas.export.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.export.format.ExportLine;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyslogDeliveryTest {
    @TempDir Path folder;

    /** Takes one connection. */
    private static final class Receiver implements AutoCloseable {
        private final SSLServerSocket server;
        private final CompletableFuture<List<String>> messages = new CompletableFuture<>();

        Receiver(SSLContext context, String protocol, boolean clients, int limit)
                throws IOException {
            server =
                    (SSLServerSocket)
                            context.getServerSocketFactory()
                                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
            server.setEnabledProtocols(new String[] {protocol});
            server.setNeedClientAuth(clients);
            Thread.ofVirtual()
                    .start(() -> {
                        try (SSLSocket socket = (SSLSocket) server.accept()) {
                            messages.complete(read(socket.getInputStream(), limit));
                        } catch (IOException | RuntimeException e) {
                            messages.completeExceptionally(e);
                        }
                    });
        }

        /** RFC 5425 §4.3: a count, a blank, that many bytes. */
        private static List<String> read(InputStream in, int limit) throws IOException {
            List<String> messages = new ArrayList<>();
            int length = 0;
            int c = in.read();
            while (c >= 0 && messages.size() < limit) {
                if (c == ' ') {
                    messages.add(new String(in.readNBytes(length), UTF_8));
                    length = 0;
                } else {
                    length = length * 10 + c - '0';
                }
                c = in.read();
            }
            return messages;
        }

        int port() {
            return server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static void deliver(int port, TlsPins pins, String host) throws IOException {
        try (Delivery delivery = new SyslogDelivery(host, port, pins)) {
            delivery.deliver(Lines.some());
        }
    }

    @Test
    void aBatchIsDeliveredOnceTheReceiverHasReadItAll() throws Exception {
        Keys keys = Keys.named(folder, "dns:localhost");
        try (Receiver receiver =
                new Receiver(keys.server(Optional.empty()), "TLSv1.3", false, Integer.MAX_VALUE)) {
            deliver(receiver.port(), keys.pinned(), "localhost");
            List<ExportLine> sent = Lines.some();
            assertThat(receiver.messages.get()).hasSameSizeAs(sent);
            for (int i = 0; i < sent.size(); i++) {
                assertThat(receiver.messages.get().get(i))
                        .startsWith("<")
                        .endsWith(" - " + new String(sent.get(i).text(), UTF_8));
            }
        }
    }

    @Test
    void aReceiverThatAsksForACertificateGetsOurs() throws Exception {
        Keys keys = Keys.named(folder, "dns:localhost");
        Keys ours = Keys.named(folder, "dns:client");
        SSLContext context = keys.server(Optional.of(ours));
        try (Receiver receiver = new Receiver(context, "TLSv1.3", true, Integer.MAX_VALUE)) {
            TlsPins pins = TlsPins.of(List.of(keys.certificate()), Optional.of(ours.identity()));
            deliver(receiver.port(), pins, "localhost");
            assertThat(receiver.messages.get()).isNotEmpty();
        }
        try (Receiver receiver = new Receiver(context, "TLSv1.3", true, Integer.MAX_VALUE)) {
            assertThatThrownBy(() -> deliver(receiver.port(), keys.pinned(), "localhost"))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void nobodyElseIsTakenForTheReceiver() throws Exception {
        Keys keys = Keys.named(folder, "dns:localhost");
        Keys other = Keys.named(folder, "dns:localhost");
        Keys named = Keys.named(folder, "dns:siem.example");
        refused(other, keys, "TLSv1.3");
        refused(named, named, "TLSv1.3");
        refused(keys, keys, "TLSv1.2");
    }

    private void refused(Keys server, Keys pinned, String protocol) throws Exception {
        try (Receiver receiver =
                new Receiver(server.server(Optional.empty()), protocol, false, 1000)) {
            assertThatThrownBy(() -> deliver(receiver.port(), pinned.pinned(), "localhost"))
                    .isInstanceOf(IOException.class);
            assertThat(
                            receiver.messages
                                    .handle((heard, failure) -> heard == null || heard.isEmpty())
                                    .get())
                    .as("nothing was told to whoever that was")
                    .isTrue();
        }
    }

    @Test
    void aReceiverThatBreaksOffHasNothingConfirmed() throws Exception {
        Keys keys = Keys.named(folder, "dns:localhost");
        try (SSLServerSocket server =
                (SSLServerSocket)
                        keys.server(Optional.empty())
                                .getServerSocketFactory()
                                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try (var socket = server.accept()) {
                            int unused = socket.getInputStream().read();
                            // A reset, as of a process that was killed with unread bytes.
                            socket.setSoLinger(true, 0);
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            List<ExportLine> many = new ArrayList<>();
            for (int i = 0; i < 4000; i++) {
                many.addAll(Lines.some());
            }
            try (Delivery delivery =
                    new SyslogDelivery("localhost", server.getLocalPort(), keys.pinned())) {
                assertThatThrownBy(() -> delivery.deliver(many)).isInstanceOf(IOException.class);
            }
        }
    }
}
