package atlas.control.posture;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.KeyLimits;
import atlas.policy.Grant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * One run of the checks: a principal for each built-in role, with keys that live in memory only,
 * work from this machine only and are revoked when it ends.
 */
final class Drill implements AutoCloseable {
    private static final Duration LIFETIME = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String NOTE = "posture drill";

    private final Surroundings surroundings;
    private final HttpClient client;

    /** Another one each time: about the same one twice, nobody is told again so soon. */
    private final String stray = Posture.PRINCIPAL + "stray-" + Long.toHexString(RANDOM.nextLong());

    private final Map<String, ApiKeys.Issued> keys = new HashMap<>();

    private Drill(Surroundings surroundings, HttpClient client) {
        this.surroundings = surroundings;
        this.client = client;
    }

    static Drill begin(Surroundings surroundings, Set<InetAddress> from) {
        Drill drill = new Drill(surroundings, client(surroundings));
        boolean begun = false;
        try {
            for (Role role : Role.builtIn()) {
                drill.enlist(principal(role), role, from);
            }
            drill.enlist(drill.stray, Role.CONSUMER, from);
            begun = true;
            return drill;
        } finally {
            if (!begun) {
                drill.close();
            }
        }
    }

    private void enlist(String principal, Role role, Set<InetAddress> from) {
        List<Glob> models = role.equals(Role.CONSUMER) ? List.of(new Glob("*")) : List.of();
        List<Cidr> sources =
                from.stream()
                        .map(a -> Cidr.parse(a.getHostAddress().split("%", 2)[0] + mask(a)))
                        .toList();
        keys.put(
                principal,
                surroundings
                        .access()
                        .keys()
                        .issue(
                                new ApiKeys.KeyRequest(
                                        principal,
                                        Principal.Kind.SERVICE,
                                        Principal.DEFAULT_TENANT,
                                        Set.of(role),
                                        models,
                                        new KeyLimits(sources, Optional.empty(), Optional.empty()),
                                        LIFETIME,
                                        NOTE)));
        surroundings
                .access()
                .grants()
                .put(
                        new Grant(
                                principal,
                                role,
                                models,
                                Principal.DEFAULT_TENANT,
                                Optional.of(surroundings.clock().instant().plus(LIFETIME))));
    }

    private static String mask(InetAddress address) {
        return "/" + 8 * address.getAddress().length;
    }

    /** Who a role's part is played by. */
    static String principal(Role role) {
        return Posture.PRINCIPAL + role.wireName().replace('_', '-');
    }

    /** What a door said. */
    record Answer(int status, String body, Map<String, List<String>> headers) {}

    Answer ask(Facing.Door door, String method, String path, @Nullable Role as)
            throws IOException, InterruptedException {
        return ask(door, method, path, as == null ? null : key(principal(as)), "");
    }

    /** Asks as somebody whose behaviour is to be noticed, and who does nothing else. */
    Answer stray(Facing.Door door, String method, String path)
            throws IOException, InterruptedException {
        return ask(door, method, path, key(stray), "");
    }

    Answer post(Facing.Door door, String path, Role as, String json)
            throws IOException, InterruptedException {
        return ask(door, "POST", path, key(principal(as)), json);
    }

    /** Who that is. */
    String stray() {
        return stray;
    }

    private Sensitive<String> key(String principal) {
        return Optional.ofNullable(keys.get(principal)).orElseThrow().secret();
    }

    /** Asks with a credential, or as a stranger without one. */
    Answer ask(
            Facing.Door door,
            String method,
            String path,
            @Nullable Sensitive<String> credential,
            String json)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(door.at(), path))
                        .timeout(PATIENCE)
                        .method(
                                method,
                                json.isEmpty()
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(json));
        if (!json.isEmpty()) {
            request.header("content-type", "application/json");
        }
        if (credential != null) {
            request.header("authorization", "Bearer " + credential.reveal());
        }
        HttpResponse<String> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body(), response.headers().map());
    }

    // Whatever listens everywhere is met on loopback, by the name its certificate has.
    private static URI uri(InetSocketAddress at, String path) {
        InetAddress address = at.getAddress();
        boolean local = address.isAnyLocalAddress() || address.isLoopbackAddress();
        String host =
                local
                        ? "localhost"
                        : address.getAddress().length == 4
                                ? address.getHostAddress()
                                : "[" + address.getHostAddress() + "]";
        return URI.create("https://" + host + ":" + at.getPort() + path);
    }

    private static HttpClient client(Surroundings surroundings) {
        try {
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            anchors.setCertificateEntry("root", surroundings.anchors().root());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(anchors);
            SSLContext tls = SSLContext.getInstance("TLSv1.3");
            tls.init(null, trust.getTrustManagers(), null);
            SSLParameters parameters = new SSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            return HttpClient.newBuilder()
                    .sslContext(tls)
                    .sslParameters(parameters)
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every JDK has PKIX and TLS 1.3", e);
        }
    }

    Surroundings surroundings() {
        return surroundings;
    }

    @Override
    public void close() {
        keys.forEach((principal, issued) -> {
            surroundings.access().keys().revoke(issued.key().id());
            issued.key()
                    .roles()
                    .forEach(role -> surroundings.access().grants().remove(principal, role));
        });
        client.close();
    }
}
