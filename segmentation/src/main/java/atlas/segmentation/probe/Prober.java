package atlas.segmentation.probe;

import atlas.segmentation.graph.Transport;
import atlas.segmentation.probe.Attempt.Found;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Tries many connections at once. Blocks until all are decided or the patience is over. */
public final class Prober {
    private static final int AT_ONCE = 512;

    private final Duration patience;

    /** Waits this long for each answer. */
    public Prober(Duration patience) {
        this.patience = patience;
    }

    /** What came back for each, in their order. Addresses are literals; no name is looked up. */
    public SequencedMap<Attempt, Found> run(List<Attempt> attempts) {
        SequencedMap<Attempt, Found> found = new LinkedHashMap<>();
        for (int i = 0; i < attempts.size(); i += AT_ONCE) {
            List<Attempt> some = attempts.subList(i, Math.min(attempts.size(), i + AT_ONCE));
            // Each keeps its place; what is heard of replaces the silence.
            some.forEach(attempt -> found.put(attempt, Found.SILENT));
            try (Selector selector = Selector.open()) {
                batch(some, selector, found);
            } catch (IOException e) {
                throw new UncheckedIOException("no sockets to probe with", e);
            }
        }
        return found;
    }

    private void batch(
            List<Attempt> attempts, Selector selector, SequencedMap<Attempt, Found> found)
            throws IOException {
        List<SelectableChannel> open = new ArrayList<>();
        try {
            for (Attempt attempt : attempts) {
                try {
                    open.add(begin(attempt, selector));
                } catch (IOException e) {
                    found.put(attempt, failed(e));
                }
            }
            long end = System.nanoTime() + patience.toNanos();
            long left = patience.toMillis();
            while (left > 0 && !selector.keys().isEmpty()) {
                selector.select(left);
                for (SelectionKey key : selector.selectedKeys()) {
                    found.put((Attempt) key.attachment(), heard(key));
                    key.cancel();
                }
                selector.selectedKeys().clear();
                selector.selectNow();
                left = (end - System.nanoTime()) / 1_000_000;
            }
        } finally {
            for (SelectableChannel channel : open) {
                channel.close();
            }
        }
    }

    private static SelectableChannel begin(Attempt attempt, Selector selector) throws IOException {
        InetSocketAddress to = new InetSocketAddress(literal(attempt.address()), attempt.port());
        if (attempt.transport() == Transport.TCP) {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.configureBlocking(false);
                channel.connect(to);
                channel.register(selector, SelectionKey.OP_CONNECT, attempt);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            return channel;
        }
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.configureBlocking(false);
            channel.connect(to);
            channel.write(ByteBuffer.wrap(datagram(attempt.port())));
            channel.register(selector, SelectionKey.OP_READ, attempt);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return channel;
    }

    /** What a service there answers: who serves names or time says nothing to a stray byte. */
    private static byte[] datagram(int port) {
        return switch (port) {
            // A question for the name servers of the root (RFC 1035 section 4).
            case 53 -> HexFormat.of().parseHex("a71a01000001000000000000" + "0000020001");
            // A client's request (RFC 5905 section 7.3): version 4, mode 3.
            case 123 -> {
                byte[] request = new byte[48];
                request[0] = 0x23;
                yield request;
            }
            default -> new byte[1];
        };
    }

    private static InetAddress literal(String address) throws UnknownHostException {
        if (address.indexOf(':') < 0 && !address.matches("[0-9.]+")) {
            throw new UnknownHostException("not an address: " + address);
        }
        return InetAddress.getByName(address);
    }

    private static Found heard(SelectionKey key) {
        try {
            if (key.channel() instanceof SocketChannel channel) {
                return channel.finishConnect() ? Found.ANSWERED : Found.SILENT;
            }
            return ((DatagramChannel) key.channel()).read(ByteBuffer.allocate(1)) >= 0
                    ? Found.ANSWERED
                    : Found.SILENT;
        } catch (IOException e) {
            return failed(e);
        }
    }

    private static Found failed(IOException e) {
        boolean refused =
                e instanceof PortUnreachableException
                        || (e instanceof ConnectException
                                && String.valueOf(e.getMessage()).contains("refused"));
        return refused ? Found.REFUSED : Found.UNREACHABLE;
    }
}
