package atlas.e2e;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One Atlas that believes one Keycloak, for all test classes that sign people in: both are started
 * once, when first asked for, and end with the tests.
 */
final class SingleSignOn {
    /** What Atlas is called where people sign in by SAML. */
    static final String SAML_CLIENT = "https://atlas.test/saml/metadata";

    private static @Nullable SingleSignOn shared;

    final Running atlas;
    final Keycloak keycloak;
    final TestAuthority authority;
    final Path work;
    final int second;

    private SingleSignOn(
            Running atlas, Keycloak keycloak, TestAuthority authority, Path work, int second) {
        this.atlas = atlas;
        this.keycloak = keycloak;
        this.authority = authority;
        this.work = work;
        this.second = second;
    }

    /** Skips the calling test where a peer is missing; with {@code CI=true} fails it. */
    static synchronized SingleSignOn shared() throws Exception {
        Peers.need("openssl");
        Peers.need("unzip");
        Peers.needKeycloak();
        if (shared == null) {
            shared = start();
        }
        return shared;
    }

    private static SingleSignOn start() throws Exception {
        Path work = Files.createTempDirectory("atlas-sso");
        TestAuthority authority = TestAuthority.in(work.resolve("tls"));
        int port = Keycloak.freePort();
        int second = Keycloak.freePort();
        Files.writeString(work.resolve("console-secret"), "test-secret-of-atlas-console");
        int control = Keycloak.freePort();
        Files.writeString(work.resolve("second-secret"), "test-secret-of-the-second-provider");
        Path config =
                Files.writeString(work.resolve("atlas.yaml"), configuration(port, control, second));
        Running atlas = Running.up(work.resolve("home"), control, "--config", config.toString());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(work, atlas)));
        Keycloak keycloak = Keycloak.start(work, port, authority, atlas.ca());
        Runtime.getRuntime().addShutdownHook(new Thread(keycloak::close));
        awaitMet(atlas, keycloak, "/saml/login?provider=keycloak");
        awaitMet(atlas, keycloak, "/login/oidc?provider=keycloak-oidc");
        return new SingleSignOn(atlas, keycloak, authority, work, second);
    }

    // A provider that has just started can be slower than Atlas waits for its metadata. People are
    // told to try again in a moment; the tests start when Atlas has met the provider.
    private static void awaitMet(Running atlas, Keycloak keycloak, String way) throws Exception {
        long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (true) {
            HttpResponse<Void> sent =
                    atlas.client()
                            .send(
                                    HttpRequest.newBuilder(atlas.control(way)).build(),
                                    HttpResponse.BodyHandlers.discarding());
            String place = sent.headers().firstValue("location").orElse("");
            if (place.startsWith(keycloak.issuer().toString())) {
                return;
            }
            if (System.nanoTime() > patience || keycloak.endsWithin(Duration.ofSeconds(3))) {
                throw new AssertionError(way + " answered " + sent.statusCode() + " " + place);
            }
        }
    }

    // Providers are told beforehand where people come back to, so the control port is chosen first.
    private static String configuration(int port, int control, int second) {
        return """
        identity:
          issuer-trust: tls/ca.pem
          issuers:
            - issuer: %1$s
              audiences: [atlas]
              roles-claim: roles
              groups-claim: groups
              role-mapping:
                ai-user: consumer
                ai-operator: operator
                ai-models: model_admin
                ai-security: security_admin
                ai-audit: auditor
            - issuer: %4$s
              audiences: [atlas]
              algorithms: [ES256]
              access-tokens-only: true
              roles-claim: roles
              role-mapping: {reader: auditor, worker: consumer}
        saml:
          base-url: https://localhost:%2$d
          entity-id: %3$s
          identity-providers:
            - name: keycloak
              entity-id: %1$s
              metadata: %1$s/protocol/saml/descriptor
              metadata-trust: tls/ca.pem
              roles-attribute: roles
              role-mapping:
                ai-user: consumer
                ai-audit: auditor
              groups-attribute: groups
              attributes:
                email: mail
        login:
          oidc:
            - name: keycloak-oidc
              label: Keycloak
              issuer: %1$s
              client-id: atlas-console
              client-secret: file:console-secret
            - name: second
              label: the second provider
              issuer: %4$s
              client-id: console
              client-secret: file:second-secret
              user-info: true
          device:
            issuer: %1$s
            client-id: atlas-cli
            scopes: [profile]
        """
                .formatted(
                        Keycloak.issuer(port), control, SAML_CLIENT, SecondProvider.issuer(second));
    }

    /** Grants a role to a user or service account of the realm, by the name it has there. */
    void grant(String user, String role) throws Exception {
        Running.Said said =
                Running.run(
                        atlas.home(),
                        "role",
                        "grant",
                        "--principal",
                        principal(user),
                        "--role",
                        role,
                        "--model",
                        "*");
        if (said.status() != 0) {
            throw new AssertionError(said.err());
        }
    }

    /** What Atlas calls a user of the realm. */
    String principal(String user) throws Exception {
        return "oidc:" + keycloak.issuer() + "#" + keycloak.user(user);
    }

    private static void end(Path work, Running atlas) {
        try {
            atlas.close();
            KeycloakHome.delete(work);
        } catch (java.io.IOException | AssertionError e) {
            // Left for the operating system's own cleaning of temporary files.
            return;
        }
    }
}
