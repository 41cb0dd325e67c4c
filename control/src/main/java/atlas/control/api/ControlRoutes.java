package atlas.control.api;

import atlas.control.backup.HomeBackup;
import atlas.control.enrol.Enrolments;
import atlas.control.link.Followers;
import atlas.control.live.ActivityFeed;
import atlas.control.login.Sessions;
import atlas.control.policies.PolicyBook;
import atlas.control.posture.Posture;
import atlas.control.store.AlertBook;
import atlas.control.trust.BootstrapCredentials;
import atlas.control.upload.Uploads;
import atlas.core.Principal;
import atlas.export.ExportStatus;
import atlas.identity.ApiKeys;
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens;
import atlas.journal.Journal;
import atlas.journal.JournalRetention;
import atlas.journal.witness.Witnessing;
import atlas.policy.Action;
import atlas.policy.GrantStore;
import atlas.policy.PolicyDecisionPoint;
import atlas.registry.ModelRegistry;
import atlas.vault.KeyVault;
import atlas.vault.kek.KekProviders;
import atlas.watch.Watch;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Everything the control plane answers to, put together: {@link Principal}s ask, these answer. */
public final class ControlRoutes {
    private final RouteTable table;

    /** Who may do what, and with what. */
    public record Access(
            ApiKeys keys,
            Rules rules,
            Keys vault,
            ModelRegistry registry,
            BootstrapCredentials bootstrap) {}

    /**
     * The keys to what is sealed, and where the key to them may lie.
     *
     * @param named the KEK that the configuration names, which the next start holds us to
     */
    public record Keys(KeyVault vault, KekProviders keks, Optional<String> named) {}

    /** Who was granted what, what it means, and the file that may say more. */
    public record Rules(GrantStore grants, PolicyDecisionPoint policy, PolicyBook file) {}

    /** Who is signed in, the nodes models are put on, how credentials end early, who follows. */
    public record Doors(
            Sessions sessions,
            NodeDoor node,
            Tokens tokens,
            Workloads workloads,
            Supplier<Optional<Posture>> posture) {}

    /** Short-lived tokens, and what is taken back. */
    public record Tokens(AtlasTokens issuer, Revocations revocations) {}

    /**
     * Gateways and nodes in processes of their own.
     *
     * @param root goes into join tokens; empty where nobody can join
     */
    public record Workloads(
            Enrolments enrolments, Followers followers, Optional<X509Certificate> root) {}

    /** What is recorded, and what is made of it. */
    public record Evidence(
            Journal journal,
            JournalRetention retention,
            Optional<Witnessing> witnessing,
            Watch watch,
            AlertBook alerts,
            HomeBackup backups,
            ActivityFeed feed,
            Supplier<List<ExportStatus>> exports) {}

    public ControlRoutes(
            Access access, Evidence evidence, Uploads uploads, Doors doors, Clock clock) {
        NodeDoor node = doors.node();
        List<Route> routes = new ArrayList<>();
        routes.addAll(
                new AccessRoutes(access.keys(), access.rules(), doors.tokens().revocations(), clock)
                        .routes());
        routes.addAll(new PolicyRoutes(access.keys(), access.rules(), clock).routes());
        routes.addAll(
                new KeyRoutes(access.keys(), new RoleNames(access.rules().file()), clock).routes());
        routes.addAll(new SessionRoutes(doors.sessions()).routes());
        Workloads workloads = doors.workloads();
        routes.addAll(
                new WorkloadRoutes(workloads.enrolments(), workloads.followers(), workloads.root())
                        .routes());
        routes.addAll(new RevocationRoutes(doors.tokens(), access.keys()).routes());
        routes.addAll(
                new TokenRoutes(
                                doors.tokens(),
                                access.keys(),
                                doors.sessions(),
                                evidence.journal(),
                                clock)
                        .routes());
        routes.addAll(new ModelRoutes(access.registry(), uploads, node).routes());
        routes.addAll(new DeploymentRoutes(access.registry(), node, evidence.journal()).routes());
        routes.addAll(
                new JournalRoutes(evidence.journal(), evidence.witnessing(), evidence.exports())
                        .routes());
        routes.addAll(new VerifyRoutes(evidence.journal()).routes());
        routes.addAll(new RetentionRoutes(evidence.journal(), evidence.retention()).routes());
        routes.addAll(
                new SubjectRoutes(evidence.journal(), evidence.retention().legalHold()).routes());
        routes.addAll(new AlertRoutes(evidence.alerts(), evidence.watch(), clock).routes());
        routes.addAll(new VaultRoutes(access.vault()).routes());
        routes.addAll(new BackupRoutes(evidence.backups(), evidence.journal()).routes());
        routes.addAll(new PostureRoutes(doors.posture()).routes());
        routes.addAll(
                new StatusRoutes(
                                evidence.journal(),
                                access.registry(),
                                node,
                                new StatusRoutes.Standing(
                                        access.bootstrap(), access.rules().file()),
                                clock)
                        .routes());
        routes.addAll(
                new LiveRoutes(
                                evidence.feed(),
                                evidence.watch().metrics(),
                                evidence.journal(),
                                access.rules().policy())
                        .routes());
        routes.add(
                Route.read(
                        "/api/v1/openapi.json",
                        Action.WHOAMI,
                        "self",
                        "this description",
                        _ -> new Reply(200, "application/json", OpenApi.json(routes))));
        table = new RouteTable(routes);
    }

    public RouteTable table() {
        return table;
    }

    /** The description of the API, generated from the table. */
    public byte[] openApi() {
        return OpenApi.json(table.routes());
    }
}
