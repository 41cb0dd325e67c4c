package atlas.identity.token;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeyStore;
import atlas.identity.ApiKeys;
import atlas.identity.ApiKeys.KeyRequest;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.CertificateAuthority;
import atlas.identity.JwtIssuers;
import atlas.identity.KeyLimits;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.Presented;
import atlas.identity.SettableClock;
import atlas.identity.StoreUnavailableException;
import atlas.identity.WorkloadTrust;
import atlas.identity.WorkloadTrust.WorkloadGrant;
import atlas.identity.revocation.Revocations;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An identity room with everything that tokens touch, and callers of each kind. */
final class TokenWorld implements AutoCloseable {
    static final String ISSUER = "https://atlas.test";
    static final String HOST = "gateway.test:8443";
    static final String APP = "spiffe://atlas.test/app";

    final SettableClock clock = new SettableClock();
    final Revocations revocations = Revocations.unkept(clock);
    final Memory kept = new Memory();
    final Leaving store = new Leaving();
    final ApiKeys keys = new ApiKeys(store, Sensitive.of(new byte[32]), clock);
    final AtlasTokens tokens =
            new AtlasTokens(AtlasTokens.Rules.of(ISSUER), kept, revocations, clock);
    final CertificateAuthority authority = CertificateAuthority.create("atlas.test", clock);
    final JwtIssuers issuers =
            new JwtIssuers(
                    List.of(),
                    place -> {
                        throw new IOException("no issuer is configured");
                    },
                    clock);
    final Authenticator authenticator =
            new Authenticator(
                    keys,
                    issuers,
                    new WorkloadTrust(
                            List.of(authority.root()),
                            "atlas.test",
                            List.of(
                                    new WorkloadGrant(
                                            new Glob("spiffe://atlas.test/*"),
                                            Set.of(Role.CONSUMER),
                                            List.of(new Glob("*")),
                                            "default")),
                            clock),
                    tokens,
                    revocations,
                    clock);
    final TokenExchange exchange = new TokenExchange(authenticator, tokens, keys);
    final ProofMaker holder = new ProofMaker(clock);

    /** A store that is away when told. */
    static class Leaving implements ApiKeyStore {
        private final ApiKeyStore there = new MemoryApiKeyStore();
        volatile boolean away;

        private ApiKeyStore there() {
            if (away) {
                throw new StoreUnavailableException("away", null);
            }
            return there;
        }

        @Override
        public void put(ApiKey key) {
            there().put(key);
        }

        @Override
        public Optional<ApiKey> find(String id) {
            return there().find(id);
        }

        @Override
        public List<ApiKey> all() {
            return there().all();
        }

        @Override
        public void touched(String id, java.time.Instant when) {
            there().touched(id, when);
        }

        @Override
        public void onChange(Runnable listener) {
            there.onChange(listener);
        }
    }

    /** Keeps keys in memory, and fails when told. */
    static final class Memory implements AtlasTokens.Keeping {
        private byte @Nullable [] bytes;
        final List<String> changes = new ArrayList<>();
        boolean broken;

        @Override
        public Optional<byte[]> read() {
            return Optional.ofNullable(bytes).map(byte[]::clone);
        }

        @Override
        public void write(byte[] keys, String change, String keyId) {
            if (broken) {
                throw new IllegalStateException("disk full");
            }
            bytes = keys.clone();
            changes.add(change);
        }
    }

    ApiKeys.Issued key(Principal.Kind kind, Set<Role> roles, String... models) {
        return keys.issue(request(kind, roles, KeyLimits.NONE, models));
    }

    ApiKeys.Issued keyFrom(String network) {
        KeyLimits limits =
                new KeyLimits(List.of(Cidr.parse(network)), Optional.empty(), Optional.empty());
        return keys.issue(request(Principal.Kind.SERVICE, Set.of(Role.CONSUMER), limits, "*"));
    }

    private static KeyRequest request(
            Principal.Kind kind, Set<Role> roles, KeyLimits limits, String... models) {
        return new KeyRequest(
                "alice",
                kind,
                "default",
                roles,
                java.util.Arrays.stream(models).map(Glob::new).toList(),
                limits,
                Duration.ofDays(1),
                "");
    }

    ApiKeys.Issued consumer() {
        return key(Principal.Kind.SERVICE, Set.of(Role.CONSUMER), "*");
    }

    List<X509Certificate> certificate(String path) {
        return authority
                .workload(new atlas.core.WorkloadId("atlas.test", path), Duration.ofHours(1))
                .chain();
    }

    /** A request with headers by name; each value of {@code null} is left out. */
    Presented request(
            String method,
            String path,
            Map<String, List<String>> headers,
            List<X509Certificate> peer) {
        return Presented.read(
                name -> headers.getOrDefault(name, List.of()),
                peer,
                new Presented.Request(Presented.Request.GATEWAY, method, HOST, path, "192.0.2.7"));
    }

    Presented tokenRequest(Map<String, List<String>> headers) {
        return request("POST", "/oauth2/token", headers, List.of());
    }

    static Map<String, List<String>> bearer(String text) {
        return Map.of("authorization", List.of("Bearer " + text));
    }

    static URI url(String path) {
        return URI.create("https://" + HOST + path);
    }

    /** The nonce as a client learns it: by being told. */
    String nonce() {
        return tokens.verifier().proofs().currentNonce();
    }

    String proof(ProofMaker maker, String method, String path, @Nullable String token) {
        return maker.proof(
                method,
                url(path),
                Optional.ofNullable(token).map(Sensitive::of),
                Optional.of(nonce()));
    }

    TokenExchange.Outcome ask(Presented presented, String... form) {
        Map<String, String> pairs = new java.util.LinkedHashMap<>();
        for (int i = 0; i < form.length; i += 2) {
            pairs.put(form[i], form[i + 1]);
        }
        String body =
                pairs.entrySet().stream()
                        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), UTF_8))
                        .collect(Collectors.joining("&"));
        return exchange.answer(presented, body.getBytes(UTF_8), true);
    }

    /** A token for this bearer credential, bound to nothing. */
    String token(String credential) {
        return granted(ask(tokenRequest(bearer(credential)), "grant_type", TokenExchange.EXCHANGE))
                .issued()
                .token()
                .reveal();
    }

    /** A token bound to the holder's key. */
    String boundToken(String credential) {
        String proof = proof(holder, "POST", "/oauth2/token", null);
        Map<String, List<String>> headers =
                Map.of("authorization", List.of("Bearer " + credential), "dpop", List.of(proof));
        return granted(ask(tokenRequest(headers), "grant_type", TokenExchange.EXCHANGE))
                .issued()
                .token()
                .reveal();
    }

    Authentication use(String token) {
        return authenticator.authenticate(request("POST", "/v1/x", bearer(token), List.of()));
    }

    Authentication useBound(String token, String proof) {
        return authenticator.authenticate(
                request(
                        "POST",
                        "/v1/x",
                        Map.of("authorization", List.of("DPoP " + token), "dpop", List.of(proof)),
                        List.of()));
    }

    static TokenExchange.Outcome.Granted granted(TokenExchange.Outcome outcome) {
        assertThat(outcome).isInstanceOf(TokenExchange.Outcome.Granted.class);
        return (TokenExchange.Outcome.Granted) outcome;
    }

    static String denied(TokenExchange.Outcome outcome) {
        assertThat(outcome).isInstanceOf(TokenExchange.Outcome.Denied.class);
        return ((TokenExchange.Outcome.Denied) outcome).code();
    }

    static String stranger(TokenExchange.Outcome outcome) {
        assertThat(outcome).isInstanceOf(TokenExchange.Outcome.Stranger.class);
        return ((TokenExchange.Outcome.Stranger) outcome).why().reason();
    }

    static Principal accepted(Authentication outcome) {
        assertThat(outcome).isInstanceOf(Authentication.Authenticated.class);
        return ((Authentication.Authenticated) outcome).principal();
    }

    static String refused(Authentication outcome) {
        assertThat(outcome).isInstanceOf(Authentication.Rejected.class);
        return ((Authentication.Rejected) outcome).reason();
    }

    private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

    @Override
    public void close() {
        issuers.close();
    }
}
