package atlas.control.posture;

import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Speaks every version of TLS, and none, at everything that listens: 1.3 is answered, older ones
 * and plaintext are not.
 */
final class TlsCheck implements Check {
    private static final int PATIENCE_MILLIS = 3_000;
    private static final int ALERT = 0x15;
    private static final int HANDSHAKE = 0x16;

    private final Facing facing;

    TlsCheck(Facing facing) {
        this.facing = facing;
    }

    @Override
    public Control control() {
        return Control.TLS;
    }

    @Override
    public Measurement measure(Drill drill) throws IOException {
        List<Observation> seen = new ArrayList<>();
        for (Facing.Listener listener : facing.listeners()) {
            seen.add(observe(listener));
        }
        return Measurement.of(
                control(),
                "TLS 1.0 to 1.3 and plaintext, spoken at %d listeners".formatted(seen.size()),
                seen);
    }

    private static Observation observe(Facing.Listener listener) throws IOException {
        String name = listener.name() + " at port " + listener.at().getPort();
        List<String> wrong = new ArrayList<>();
        for (ClientHello.Version old :
                List.of(
                        ClientHello.Version.TLS_1_0,
                        ClientHello.Version.TLS_1_1,
                        ClientHello.Version.TLS_1_2)) {
            byte[] answer = answer(listener.at(), ClientHello.of(old));
            if (answer.length > 0 && answer[0] != ALERT) {
                wrong.add("answers " + old.title());
            }
        }
        byte[] modern = answer(listener.at(), ClientHello.of(ClientHello.Version.TLS_1_3));
        if (modern.length < 6 || modern[0] != HANDSHAKE || modern[5] != 2) {
            wrong.add("does not answer TLS 1.3");
        }
        byte[] plain =
                answer(
                        listener.at(),
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        if (plain.length > 0 && plain[0] != ALERT) {
            wrong.add("answers plaintext");
        }
        return wrong.isEmpty()
                ? Observation.good(name + " speaks TLS 1.3 and nothing else")
                : Observation.bad(name + " " + String.join(", ", wrong));
    }

    /** The first bytes that come back; none when the connection is closed or nothing is said. */
    private static byte[] answer(InetSocketAddress at, byte[] said) throws IOException {
        InetAddress address =
                at.getAddress().isAnyLocalAddress()
                        ? InetAddress.getLoopbackAddress()
                        : at.getAddress();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, at.getPort()), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            return exchange(socket, said);
        }
    }

    private static byte[] exchange(Socket socket, byte[] said) {
        try {
            socket.getOutputStream().write(said);
            socket.getOutputStream().flush();
            return socket.getInputStream().readNBytes(6);
        } catch (SocketTimeoutException silent) {
            return new byte[0];
        } catch (IOException closed) {
            // Reset by the other end: a refusal.
            return new byte[0];
        }
    }
}
