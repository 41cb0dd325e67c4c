package atlas.export.send;

import atlas.export.format.ExportLine;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A producer for one partition: finds its leader, sends a batch, waits until all in-sync replicas
 * have it. Speaks versions that brokers from 0.11 to 4 understand, over TLS alone; a client
 * certificate is how a broker knows us.
 *
 * <p>One partition keeps the order of the log. Whatever goes wrong, the connection is given up and
 * the leader looked for again with the next try.
 */
final class KafkaDelivery implements Delivery {
    private static final int PRODUCE = 0;
    private static final int PRODUCE_VERSION = 3;
    private static final int METADATA = 3;
    private static final int METADATA_VERSION = 4;
    private static final int PARTITION = 0;
    private static final short ALL_IN_SYNC = -1;
    private static final int BROKER_MILLIS = 8_000;

    private final String host;
    private final int port;
    private final String topic;
    private final TlsPins pins;
    private volatile @Nullable SSLSocket leader;
    private @Nullable KafkaWire wire;
    private volatile boolean closed;

    KafkaDelivery(String host, int port, String topic, TlsPins pins) {
        this.host = host;
        this.port = port;
        this.topic = topic;
        this.pins = pins;
    }

    /** A broker's address, as brokers tell it. */
    private record Broker(int id, String host, int port) {}

    @Override
    public void deliver(List<ExportLine> lines) throws IOException {
        boolean confirmed = false;
        try {
            produce(toLeader(), RecordBatch.of(lines));
            confirmed = true;
        } finally {
            if (!confirmed) {
                forget();
            }
        }
    }

    private KafkaWire toLeader() throws IOException {
        KafkaWire known = wire;
        if (known != null) {
            return known;
        }
        Broker broker;
        try (SSLSocket any = pins.connect(host, port)) {
            broker = leader(wire(any));
        }
        // The pins hold for whatever address a broker names: nobody else can be it.
        SSLSocket socket = pins.connect(broker.host(), broker.port());
        leader = socket;
        if (closed) {
            throw new IOException("given up");
        }
        KafkaWire found = wire(socket);
        wire = found;
        return found;
    }

    private static KafkaWire wire(SSLSocket socket) throws IOException {
        return new KafkaWire(
                socket.getOutputStream(),
                new DataInputStream(new BufferedInputStream(socket.getInputStream())));
    }

    private Broker leader(KafkaWire any) throws IOException {
        KafkaWire.Answer answer =
                any.ask(
                        METADATA,
                        METADATA_VERSION,
                        to -> {
                            to.writeInt(1);
                            KafkaWire.text(to, topic);
                            to.writeBoolean(false); // a topic that nobody made is not made here
                        });
        int unused = answer.int32(); // throttled for so long
        Broker[] brokers = new Broker[answer.count()];
        for (int i = 0; i < brokers.length; i++) {
            brokers[i] = new Broker(answer.int32(), answer.text(), answer.int32());
            answer.text(); // rack
        }
        answer.text(); // cluster
        int controller = answer.int32();
        int leads = leadOf(answer);
        for (Broker broker : brokers) {
            if (broker.id() == leads) {
                return broker;
            }
        }
        throw new IOException(
                "topic `" + topic + "` has no leader now (controller " + controller + ")");
    }

    private int leadOf(KafkaWire.Answer answer) throws IOException {
        for (int topics = answer.count(); topics > 0; topics--) {
            fail("topic `" + topic + "`", answer.int16());
            answer.text();
            answer.bool();
            for (int partitions = answer.count(); partitions > 0; partitions--) {
                short error = answer.int16();
                int partition = answer.int32();
                int leads = answer.int32();
                answer.skipInts();
                answer.skipInts();
                if (partition == PARTITION) {
                    fail("partition 0 of `" + topic + "`", error);
                    return leads;
                }
            }
        }
        throw new IOException("there is no topic `" + topic + "`");
    }

    private void produce(KafkaWire to, byte[] batch) throws IOException {
        KafkaWire.Answer answer =
                to.ask(
                        PRODUCE,
                        PRODUCE_VERSION,
                        out -> {
                            out.writeShort(-1); // no transaction
                            out.writeShort(ALL_IN_SYNC);
                            out.writeInt(BROKER_MILLIS);
                            out.writeInt(1);
                            KafkaWire.text(out, topic);
                            out.writeInt(1);
                            out.writeInt(PARTITION);
                            KafkaWire.blob(out, batch);
                        });
        if (answer.count() != 1 || !answer.text().equals(topic) || answer.count() != 1) {
            throw new IOException("the broker answered for another topic");
        }
        int partition = answer.int32();
        fail("topic `" + topic + "`", answer.int16());
        if (partition != PARTITION || answer.int64() < 0) {
            throw new IOException("the broker did not say where it put the batch");
        }
    }

    private static void fail(String what, short error) throws IOException {
        if (error != 0) {
            throw new IOException(what + ": " + meaning(error));
        }
    }

    /** The answers an operator can do something about; all of them are tried again. */
    private static String meaning(short error) {
        return switch (error) {
            case 3 -> "there is no such topic or partition";
            case 5 -> "it has no leader now";
            case 6 -> "its leader moved";
            case 10, 18 -> "the batch is larger than the broker takes (`message.max.bytes`)";
            case 19, 20 -> "too few replicas are in sync";
            case 29 -> "we may not write to it";
            case 31 -> "we may not use this cluster";
            default -> "the broker refused with error " + error;
        };
    }

    private void forget() {
        wire = null;
        SSLSocket socket = leader;
        leader = null;
        if (socket != null) {
            Sockets.abandon(socket);
        }
    }

    @Override
    public void close() {
        closed = true;
        SSLSocket socket = leader;
        if (socket != null) {
            Sockets.abandon(socket);
        }
    }
}
