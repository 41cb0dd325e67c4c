package atlas.export.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.export.format.ExportLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Delivery to a real Kafka broker (KRaft) that asks for a client certificate. */
class KafkaTest {
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final Path JARS =
            Path.of(
                            Optional.ofNullable(System.getenv("ATLAS_PEERS"))
                                    .orElse(
                                            System.getProperty("user.home")
                                                    + "/.cache/atlas/peers"))
                    .resolve("kafka-4.4.0");

    /** Makes the topic, or prints what is in it: with the broker's own client, not with ours. */
    private static final String CLIENT =
            """
            import java.time.Duration;
            import java.util.*;
            import org.apache.kafka.clients.admin.*;
            import org.apache.kafka.clients.consumer.*;
            import org.apache.kafka.common.TopicPartition;
            import org.apache.kafka.common.serialization.StringDeserializer;

            class Client {
                public static void main(String[] args) throws Exception {
                    Properties p = new Properties();
                    try (var in = new java.io.FileInputStream(args[0])) { p.load(in); }
                    if (args[1].equals("make")) {
                        try (Admin admin = Admin.create(p)) {
                            admin.createTopics(List.of(new NewTopic("journal", 1, (short) 1))).all().get();
                        }
                        return;
                    }
                    p.put("key.deserializer", StringDeserializer.class.getName());
                    p.put("value.deserializer", StringDeserializer.class.getName());
                    int wanted = Integer.parseInt(args[2]);
                    var out = new java.io.PrintStream(
                        new java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8");
                    try (var consumer = new KafkaConsumer<String, String>(p)) {
                        var partition = new TopicPartition("journal", 0);
                        consumer.assign(List.of(partition));
                        consumer.seekToBeginning(List.of(partition));
                        for (int seen = 0; seen < wanted; ) {
                            for (var r : consumer.poll(Duration.ofSeconds(1))) {
                                out.println(r.timestamp() + " " + r.key() + " " + r.value());
                                seen++;
                            }
                        }
                    }
                }
            }
            """;

    @TempDir Path folder;

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process java(String log, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx384m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                JARS + "/*"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(folder.resolve(log + ".err").toFile())
                .redirectOutput(folder.resolve(log + ".out").toFile())
                .start();
    }

    private List<String> run(String log, String... arguments) throws Exception {
        Process process = java(log, arguments);
        boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0)
                .as(
                        "%s: %s%s",
                        String.join(" ", arguments),
                        Files.readString(folder.resolve(log + ".err")),
                        Files.readString(folder.resolve(log + ".out")))
                .isTrue();
        return Files.readAllLines(folder.resolve(log + ".out"), UTF_8);
    }

    private Path configuration(int port, Keys server, Keys client) throws Exception {
        Path trust = folder.resolve("trust.pem");
        Files.writeString(
                trust,
                Files.readString(server.certificatePem(folder.resolve("server.pem")))
                        + Files.readString(client.certificatePem(folder.resolve("client.pem"))));
        Path own = folder.resolve("own.pem");
        Files.writeString(
                own,
                Files.readString(server.keyPem(folder.resolve("server.key")))
                        + Files.readString(folder.resolve("server.pem")));
        String tls =
                """
                ssl.keystore.type=PEM
                ssl.keystore.location=%s
                ssl.truststore.type=PEM
                ssl.truststore.location=%s
                ssl.enabled.protocols=TLSv1.3
                ssl.protocol=TLSv1.3
                """
                        .formatted(own, trust);
        Files.writeString(
                folder.resolve("client.properties"),
                "bootstrap.servers=localhost:" + port + "\nsecurity.protocol=SSL\n" + tls);
        int controller = free();
        return Files.writeString(
                folder.resolve("server.properties"),
                """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@localhost:%1$d
                listeners=SSL://127.0.0.1:%2$d,CONTROLLER://127.0.0.1:%1$d
                advertised.listeners=SSL://localhost:%2$d
                controller.listener.names=CONTROLLER
                inter.broker.listener.name=SSL
                listener.security.protocol.map=SSL:SSL,CONTROLLER:PLAINTEXT
                ssl.client.auth=required
                auto.create.topics.enable=false
                offsets.topic.replication.factor=1
                log.dirs=%3$s
                """
                                .formatted(controller, port, folder.resolve("data"))
                        + tls);
    }

    @Test
    void aBrokerHasEveryLineWithItsKeyInTheOrderOfTheLog() throws Exception {
        RealPeer.need(Files.isDirectory(JARS), "Kafka's jars in " + JARS);
        Keys server = Keys.named(folder, "dns:localhost");
        Keys client = Keys.named(folder, "dns:atlas");
        int port = free();
        String configuration = configuration(port, server, client).toString();
        run(
                "format",
                "kafka.tools.StorageTool",
                "format",
                "-t",
                "AAAAAAAAAAAAAAAAAAAAAQ",
                "-c",
                configuration);
        Process broker = java("broker", "kafka.Kafka", configuration);
        try {
            deliverAndRead(port, server, client, broker);
        } finally {
            broker.destroyForcibly().waitFor();
        }
    }

    private void deliverAndRead(int port, Keys server, Keys client, Process broker)
            throws Exception {
        TlsPins pins = TlsPins.of(List.of(server.certificate()), Optional.of(client.identity()));
        List<ExportLine> lines = Lines.some();
        String properties = folder.resolve("client.properties").toString();
        String source = Files.writeString(folder.resolve("Client.java"), CLIENT).toString();
        try (Delivery delivery = new KafkaDelivery("localhost", port, "journal", pins)) {
            // No topic is made because somebody writes to it.
            awaitRefusal(delivery, lines, broker);
            run("make", source, properties, "make");
            delivery.deliver(lines.subList(0, 5));
            delivery.deliver(lines.subList(5, lines.size()));
        }
        List<String> read = run("read", source, properties, "read", String.valueOf(lines.size()));
        for (int i = 0; i < lines.size(); i++) {
            ExportLine line = lines.get(i);
            assertThat(read.get(i))
                    .isEqualTo(
                            line.when().toEpochMilli()
                                    + " test.internal/journal/1:"
                                    + i
                                    + " "
                                    + new String(line.text(), UTF_8));
        }
        Keys stranger = Keys.named(folder, "dns:stranger");
        TlsPins wrong = TlsPins.of(List.of(server.certificate()), Optional.of(stranger.identity()));
        try (Delivery delivery = new KafkaDelivery("localhost", port, "journal", wrong)) {
            assertThatThrownBy(() -> delivery.deliver(lines)).isInstanceOf(IOException.class);
        }
    }

    private void awaitRefusal(Delivery delivery, List<ExportLine> lines, Process broker)
            throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String said = "";
        while (!said.contains("no such topic")) {
            assertThat(broker.isAlive() && System.nanoTime() < end)
                    .as("%s; %s", said, Files.readString(folder.resolve("broker.out")))
                    .isTrue();
            LockSupport.parkNanos(200_000_000);
            try {
                delivery.deliver(lines);
                said = "delivered";
            } catch (IOException e) {
                said = String.valueOf(e.getMessage());
            }
        }
    }
}
