package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.control.enrol.Workload;
import atlas.core.AuditEvent.Actor;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.identity.ApiKeys;
import atlas.identity.ApiKeys.Cadence;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import atlas.identity.CertificateAuthority;
import atlas.journal.JournalQuery;
import atlas.peers.Lying;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.PolicyConfig;
import atlas.policy.PolicyException;
import atlas.policy.Resource;
import atlas.registry.Admission;
import atlas.registry.ModelSigner;
import atlas.registry.OpenedModel;
import atlas.registry.RegistryException;
import atlas.registry.RegistryRefusal;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways and nodes that follow a control plane over real mutual TLS. */
class LinkTest {
    private static final Duration MAX_AGE = Duration.ofSeconds(30);
    private static final String SOURCE = "127.0.0.1";

    @TempDir private Path folder;

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final Clock clock = new Shifted();
    private Installation atlas;
    private Enrolling enrolling;

    /** The system's time, and as much later as a test says. */
    private final class Shifted extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Clock.systemUTC().instant().plus(ahead.get());
        }
    }

    @BeforeEach
    void start() throws Exception {
        atlas = new Installation(folder.resolve("control"));
        enrolling = new Enrolling(atlas, folder, MAX_AGE, clock);
    }

    @AfterEach
    void stop() {
        atlas.close();
    }

    @Test
    void aTokenWorksOnceAndAHomeThatJoinedNeedsNone() throws Exception {
        String token = enrolling.token("gateway", "gw");
        Path home = folder.resolve("gw");
        try (WorkloadHome joined =
                WorkloadHome.open(home, Optional.of(Sensitive.of(token)), clock)) {
            assertThat(joined.id().uri()).isEqualTo("spiffe://atlas.internal/gateway/gw");
        }
        assertThatThrownBy(() ->
                        WorkloadHome.open(
                                folder.resolve("thief"), Optional.of(Sensitive.of(token)), clock))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("does not know this join token");
        try (WorkloadHome again = WorkloadHome.open(home, Optional.empty(), clock)) {
            assertThat(again.name()).isEqualTo("gw");
        }
        assertThatThrownBy(() -> WorkloadHome.open(folder.resolve("new"), Optional.empty(), clock))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("atlas node join-token");
    }

    @Test
    void noTokenAndNoPrivateKeyLiesInTheClear() throws Exception {
        String token = enrolling.token("gateway", "gw");
        String secret = token.substring("atlas_join_".length());
        try (WorkloadHome joined =
                WorkloadHome.open(folder.resolve("gw"), Optional.of(Sensitive.of(token)), clock)) {
            byte[] key = joined.client().key().getEncoded();
            Lying.in(folder)
                    .forEach((file, content) ->
                            assertThat(content)
                                    .as(file.toString())
                                    .doesNotContain(secret)
                                    .doesNotContain(new String(key, StandardCharsets.ISO_8859_1)));
        }
    }

    @Test
    void aRevocationReachesAFollowerWithinASecond() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home)) {
            ApiKeys keys = link.apiKeys(Cadence.defaults());
            Semaphore changes = new Semaphore(0);
            keys.onChange(changes::release);
            String id = enrolling.issue().path("id").asText();
            Enrolling.withinASecond(changes, () -> keys.again(id, SOURCE) instanceof Authenticated);

            atlas.json(Role.SECURITY_ADMIN, "DELETE", "/api/v1/keys/" + id, null);
            Enrolling.withinASecond(changes, () -> keys.again(id, SOURCE) instanceof Rejected);

            assertThat(keys.again(id, SOURCE))
                    .isInstanceOfSatisfying(
                            Rejected.class, no -> assertThat(no.reason()).isEqualTo("key_revoked"));
        }
    }

    @Test
    void whatWasHeardHoldsForItsTimeAndThenNothingIsTold() throws Exception {
        String id = enrolling.issue().path("id").asText();
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home)) {
            ApiKeys keys = link.apiKeys(Cadence.defaults());
            atlas.control.close();

            ahead.set(MAX_AGE.minusSeconds(20));
            assertThat(keys.again(id, SOURCE)).isInstanceOf(Authenticated.class);
            assertThat(keys.again("unknown", SOURCE)).isInstanceOf(Rejected.class);
            assertThat(link.grants().version()).isPresent();

            ahead.set(MAX_AGE.plusSeconds(10));
            assertThat(keys.again(id, SOURCE)).isInstanceOf(Unavailable.class);
            assertThat(keys.again("unknown", SOURCE)).isInstanceOf(Unavailable.class);
            assertThatThrownBy(() -> link.grants().version()).isInstanceOf(PolicyException.class);
            assertThatThrownBy(() -> link.grants().of("app")).isInstanceOf(PolicyException.class);
            assertThatThrownBy(() -> link.models().admit("any"))
                    .isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityGetsNoAnswerAtAll() {
        WorkloadId id = new WorkloadId("atlas.internal", "/gateway/gw");
        CertificateAuthority foreign = CertificateAuthority.create("atlas.internal", clock);
        var forged = foreign.workload(id, Duration.ofHours(1));
        TlsIdentity identity =
                new TlsIdentity(
                        forged.key(), forged.chain(), List.of(atlas.trust.rootCertificate()));

        assertThatThrownBy(() -> enrolling.ask(identity, "/link/v1/state", "{}"))
                .isInstanceOf(UpstreamException.class);
    }

    @Test
    void aCertificateOfOursThatNeverJoinedIsRefusedAndJournaled() throws Exception {
        try (UpstreamResponse response =
                enrolling.ask(atlas.trust.workload("gateway"), "/link/v1/state", "{}")) {
            assertThat(response.status()).isEqualTo(403);
        }
        assertThat(enrolling.recorded("access.refused")).contains("workload_not_enrolled");
    }

    @Test
    void whoIsRemovedIsToldNothingFromTheNextCallOn() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink _ = enrolling.follow(home)) {
            atlas.json(Role.SECURITY_ADMIN, "DELETE", "/api/v1/workloads/gateway/gw", null);

            try (UpstreamResponse response = enrolling.ask(home.client(), "/link/v1/state", "{}")) {
                assertThat(response.status()).isEqualTo(403);
            }
            try (UpstreamResponse response = enrolling.ask(home.client(), "/link/v1/renew", "{}")) {
                assertThat(response.status()).isEqualTo(403);
            }
        }
    }

    @Test
    void aCertificateFromBeforeTheNameWasGivenAgainCountsNoMore() {
        Instant joined = Instant.parse("2026-11-27T00:10:00.5Z");
        Workload workload = new Workload(Workload.Role.GATEWAY, "gw", List.of(), joined);

        assertThat(workload.holdsFrom(Instant.parse("2026-11-27T00:09:00Z"))).isTrue();
        assertThat(workload.holdsFrom(Instant.parse("2026-11-27T09:00:00Z"))).isTrue();
        assertThat(workload.holdsFrom(Instant.parse("2026-11-27T00:08:59Z"))).isFalse();
    }

    @Test
    void whoWaitsForNewsWhileItsNameIsGivenAgainIsToldNothing() throws Exception {
        try (WorkloadHome old = enrolling.join("gateway", "gw")) {
            JsonNode now;
            try (UpstreamResponse first = enrolling.ask(old.client(), "/link/v1/state", "{}")) {
                now = Installation.JSON.readTree(first.body(1 << 20));
            }
            String waiting =
                    "{\"instance\":%s,\"version\":%s,\"host\":\"localhost\",\"port\":1}"
                            .formatted(now.get("instance"), now.get("version"));
            CompletableFuture<Integer> answer =
                    CompletableFuture.supplyAsync(() -> status(old.client(), waiting));
            while (!answer.isDone() && !workloads().contains("last_seen")) {
                Thread.onSpinWait();
            }
            Sensitive<String> token = Sensitive.of(enrolling.token("gateway", "gw"));
            try (WorkloadHome _ =
                    WorkloadHome.open(folder.resolve("gw-anew"), Optional.of(token), clock)) {
                assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(403);
            }
        }
    }

    private String workloads() throws Exception {
        return atlas.json(Role.SECURITY_ADMIN, "GET", "/api/v1/workloads", null).toString();
    }

    private int status(TlsIdentity as, String body) {
        try (UpstreamResponse response = enrolling.ask(as, "/link/v1/state", body)) {
            return response.status();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void policyAtAGatewayKnowsTheSegmentsOfTheControlPlane() throws Exception {
        atlas.close();
        PolicyConfig divided =
                new PolicyConfig(Optional.empty(), Map.of("guests", Set.of("10.0.0.0/8")));
        atlas = new Installation(folder.resolve("divided"), divided);
        enrolling = new Enrolling(atlas, folder, MAX_AGE, clock);
        String file =
                """
                @id("no-guests") forbid (principal, action, resource)
                when { context.segment == "guests" };
                """;
        byte[] text = file.getBytes(StandardCharsets.UTF_8);
        assertThat(atlas.put(Role.SECURITY_ADMIN, "/api/v1/policies", text).statusCode())
                .isEqualTo(200);
        try (WorkloadHome home = enrolling.join("gateway", "gw");
                ControlLink link = enrolling.follow(home)) {
            assertThat(acknowledging(link, "192.0.2.1")).isInstanceOf(Decision.Permit.class);
            assertThat(acknowledging(link, "10.1.2.3"))
                    .isInstanceOfSatisfying(
                            Decision.Deny.class,
                            no -> assertThat(no.policies()).containsExactly("no-guests"));
        }
    }

    private static Decision acknowledging(ControlLink link, String source) {
        Principal operator =
                new Principal(
                        "bootstrap-operator",
                        Principal.Kind.SERVICE,
                        Principal.DEFAULT_TENANT,
                        Set.of(Role.OPERATOR),
                        List.of(),
                        new Principal.Credential(
                                Principal.Credential.Kind.API_KEY,
                                "key",
                                Instant.EPOCH,
                                Instant.MAX,
                                Optional.empty()));
        return link.policy()
                .decide(
                        operator,
                        Action.ALERT_ACK,
                        Resource.any("alert"),
                        Circumstances.from(source));
    }

    @Test
    void renewedCertificatesAreKeptAndUsed() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw")) {
            var before = home.client().chain().getFirst();
            try (ControlLink link = enrolling.follow(home)) {
                CountDownLatch told = new CountDownLatch(1);
                link.renew(told::countDown);
                assertThat(told.getCount()).isZero();
            }
            assertThat(home.client().chain().getFirst()).isNotEqualTo(before);
            try (ControlLink _ = enrolling.follow(home)) {
                assertThat(home.server().key()).isNotEqualTo(home.client().key());
            }
        }
        try (WorkloadHome again = WorkloadHome.open(folder.resolve("gw"), Optional.empty(), clock);
                ControlLink _ = enrolling.follow(again)) {
            assertThat(again.role()).isEqualTo("gateway");
        }
    }

    private ModelRef deployed() throws Exception {
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"planted\":\"weights\"}");
        ModelSigner signer =
                new ModelSigner(atlas.trust.demoSigner().getPrivate(), Optional.empty());
        ModelRef ref =
                atlas.trust
                        .registry()
                        .push(
                                model,
                                "planted",
                                signer.sign(model),
                                Actor.system("publisher"),
                                _ -> {})
                        .ref();
        atlas.trust.registry().approve(ref, Actor.system("approver"));
        atlas.trust.registry().deploy(ref, Actor.system("operator"));
        return ref;
    }

    @Test
    void aNodeLoadsADeployedModelFromCiphertextAndAReleasedKey() throws Exception {
        ModelRef ref = deployed();
        try (WorkloadHome home = enrolling.join("node", "n1");
                ControlLink link = enrolling.follow(home)) {
            try (OpenedModel model = link.fetchedModels().openForServing(ref, "n1")) {
                byte[] plain = model.file("config.json").toArray(ValueLayout.JAVA_BYTE);
                assertThat(new String(plain, StandardCharsets.UTF_8)).contains("planted");
            }
            assertThat(enrolling.recorded("admin.act"))
                    .contains("key.release")
                    .contains("config.json");
            assertThat(home.journal().search(JournalQuery.newest(5)))
                    .anyMatch(entry -> entry.json().contains("\"loaded\""));
            try (Stream<Path> files = Files.list(folder.resolve("n1").resolve("models"))) {
                for (Path file : files.toList()) {
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                            .doesNotContain("planted");
                    byte[] altered = Files.readAllBytes(file);
                    altered[altered.length - 1] ^= 1;
                    Files.write(file, altered);
                }
            }
            assertThatThrownBy(() -> link.fetchedModels().openForServing(ref, "n1"))
                    .isInstanceOf(RegistryRefusal.class);
        }
    }

    @Test
    void aRetiredModelIsReleasedToNobody() throws Exception {
        ModelRef ref = deployed();
        try (WorkloadHome home = enrolling.join("node", "n1");
                ControlLink link = enrolling.follow(home)) {
            Semaphore changes = new Semaphore(0);
            link.models().onChange(changes::release);
            atlas.trust.registry().retire(ref, Actor.system("operator"));
            Enrolling.withinASecond(
                    changes, () -> link.models().admit("planted") instanceof Admission.NotAdmitted);

            assertThatThrownBy(() -> link.fetchedModels().openForServing(ref, "n1"))
                    .isInstanceOf(RegistryRefusal.class);
        }
    }

    @Test
    void modelsAndTheirKeysAreForNodesOnlyAndNodesAreToldNoKeysOfCallers() throws Exception {
        ModelRef ref = deployed();
        try (WorkloadHome gateway = enrolling.join("gateway", "gw");
                WorkloadHome node = enrolling.join("node", "n1")) {
            String asked = "{\"model\":\"" + ref + "\",\"file\":\"config.json\",\"wrapped\":\"\"}";
            for (String path : List.of("/link/v1/record", "/link/v1/key")) {
                try (UpstreamResponse response = enrolling.ask(gateway.client(), path, asked)) {
                    assertThat(response.status()).isEqualTo(403);
                }
            }
            assertThat(enrolling.recorded("access.refused")).contains("models_for_nodes_only");
            try (UpstreamResponse response = enrolling.ask(node.client(), "/link/v1/state", "{}")) {
                String state = new String(response.body(1 << 20), StandardCharsets.UTF_8);
                assertThat(state).contains("planted@1").doesNotContain("pepper");
            }
        }
    }

    @Test
    void aCertificateThatNeverJoinedCannotFloodTheJournal() throws Exception {
        for (int i = 0; i < 40; i++) {
            try (UpstreamResponse response =
                    enrolling.ask(atlas.trust.workload("gateway"), "/link/v1/state", "{}")) {
                assertThat(response.status()).isEqualTo(403);
            }
        }
        String recorded = enrolling.recorded("access.refused");
        assertThat(recorded.split("workload_not_enrolled", -1).length - 1).isBetween(1, 20);
    }

    @Test
    void whoWaitsWhileTheControlPlaneEndsIsToldToTryAgain() throws Exception {
        try (WorkloadHome home = enrolling.join("gateway", "gw")) {
            JsonNode now;
            try (UpstreamResponse first = enrolling.ask(home.client(), "/link/v1/state", "{}")) {
                now = Installation.JSON.readTree(first.body(1 << 20));
            }
            String waiting =
                    "{\"instance\":%s,\"version\":%s,\"host\":\"localhost\",\"port\":1}"
                            .formatted(now.get("instance"), now.get("version"));
            CompletableFuture<Integer> answer =
                    CompletableFuture.supplyAsync(() -> status(home.client(), waiting));
            while (!answer.isDone() && !workloads().contains("last_seen")) {
                Thread.onSpinWait();
            }
            atlas.control.close();
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(503);
        }
    }

    @Test
    void aJoinTokenIsNotMadeForWhatCannotStandInACertificate() throws Exception {
        for (String name : List.of("1.2.3", "a b", "", "-.x..y", "host:1:2:::3:4")) {
            assertThat(
                            atlas.send(
                                            Role.SECURITY_ADMIN,
                                            "POST",
                                            "/api/v1/workloads/join-tokens",
                                            "{\"role\":\"node\",\"name\":\"n\",\"server_names\":[\""
                                                    + name
                                                    + "\"]}")
                                    .statusCode())
                    .as(name)
                    .isEqualTo(400);
        }
    }
}
