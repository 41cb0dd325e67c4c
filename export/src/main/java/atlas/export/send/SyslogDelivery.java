package atlas.export.send;

import atlas.export.format.ExportLine;
import atlas.export.format.SyslogMessage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * RFC 5425. Syslog has no answers: what was written to a connection may be lost with it. So each
 * batch has a connection of its own, which ends in order: we say that nothing more comes, and only
 * the receiver's own end, which it sends after it has read everything, confirms the batch.
 */
final class SyslogDelivery implements Delivery {
    private static final int BUFFER = 1 << 16;

    private final String host;
    private final int port;
    private final TlsPins pins;
    private volatile @Nullable SSLSocket current;
    private volatile boolean closed;

    SyslogDelivery(String host, int port, TlsPins pins) {
        this.host = host;
        this.port = port;
        this.pins = pins;
    }

    @Override
    public void deliver(List<ExportLine> lines) throws IOException {
        try (SSLSocket socket = pins.connect(host, port)) {
            current = socket;
            if (closed) {
                throw new IOException("given up");
            }
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
            for (ExportLine line : lines) {
                out.write(SyslogMessage.frame(line));
            }
            out.flush();
            // RFC 5425 §4.4: close_notify, then wait for the other one.
            socket.shutdownOutput();
            if (socket.getInputStream().read() >= 0) {
                throw new IOException("the receiver answered, which syslog does not");
            }
        } finally {
            current = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        SSLSocket socket = current;
        if (socket != null) {
            Sockets.abandon(socket);
        }
    }
}
