package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.journal.JournalQuery;
import atlas.runtime.http.Headers;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.runtime.http.UpstreamResponse;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Gateways and nodes that join a control plane under test, and what they ask of it. */
record Enrolling(Installation atlas, Path folder, Duration maxAge, Clock clock) {

    String token(String role, String name) throws Exception {
        return atlas.json(
                        Role.SECURITY_ADMIN,
                        "POST",
                        "/api/v1/workloads/join-tokens",
                        "{\"role\":\"" + role + "\",\"name\":\"" + name + "\"}")
                .path("token")
                .asText();
    }

    WorkloadHome join(String role, String name) throws Exception {
        return WorkloadHome.open(
                folder.resolve(name), Optional.of(Sensitive.of(token(role, name))), clock);
    }

    ControlLink follow(WorkloadHome home) throws Exception {
        ControlLink link = new ControlLink(home, maxAge, clock);
        link.start(InetSocketAddress.createUnresolved("localhost", 1), () -> {});
        assertThat(link.awaitFirst(Duration.ofSeconds(20))).isTrue();
        return link;
    }

    /** What must hold a second from now at the latest; looked at after each change heard of. */
    static void withinASecond(Semaphore changes, BooleanSupplier holds)
            throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        while (!holds.getAsBoolean()) {
            long left = Math.max(0, end - System.nanoTime());
            assertThat(changes.tryAcquire(left, TimeUnit.NANOSECONDS)).isTrue();
        }
    }

    JsonNode issue() throws Exception {
        return atlas.json(
                Role.SECURITY_ADMIN,
                "POST",
                "/api/v1/keys",
                "{\"principal\":\"app\",\"roles\":[\"consumer\"],\"models\":[\"*\"]}");
    }

    UpstreamResponse ask(TlsIdentity as, String path, String body) throws Exception {
        Upstream upstream =
                Upstream.open(
                        new UpstreamConfig(
                                "control",
                                "localhost",
                                atlas.control.linkAddress().orElseThrow().getPort(),
                                Optional.of(as),
                                Optional.of(new WorkloadId("atlas.internal", "/control")),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(10),
                                1,
                                Optional.empty()));
        try (upstream) {
            return upstream.send(
                    "POST",
                    path,
                    Headers.of("content-type", "application/json"),
                    body.getBytes(StandardCharsets.UTF_8),
                    Duration.ofSeconds(10));
        }
    }

    /** Everything of a kind in the control plane's journal, once what was submitted is in it. */
    String recorded(String kind) {
        // Strangers' refusals are not waited for by whoever answers them; what comes after is.
        atlas.trust.journal().submit(new AuditEvent.ProcessStopped("test", "look")).join();
        return atlas.trust.journal().search(JournalQuery.newest(200)).stream()
                .filter(entry -> entry.kind().equals(kind))
                .map(entry -> entry.json())
                .reduce("", String::concat);
    }
}
