package atlas.identity.token;

import static atlas.identity.token.TokenWorld.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.identity.Authentication;
import atlas.identity.Authentication.NonceNeeded;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Presented;
import atlas.identity.revocation.Revocations.Revocation;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Replays the corpus: each file changes one good request in one way, and names the reason for which
 * it has to be refused. Lines: {@code header.X}, {@code claim.X} and {@code proof.X} set a member
 * ({@code -} takes it out, {@code @n} is now and n seconds), the rest is below.
 */
class TokenAttacksTest {
    private static final String PATH = "/v1/x";

    private static List<Path> corpus() throws IOException {
        URI folder;
        try {
            folder =
                    TokenAttacksTest.class
                            .getResource("/identity/attacks/token/expired.attack")
                            .toURI();
        } catch (java.net.URISyntaxException e) {
            throw new AssertionError(e);
        }
        try (Stream<Path> files = Files.list(Path.of(folder).getParent())) {
            return files.sorted().toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> refuses() throws IOException {
        return corpus().stream()
                .map(file ->
                        DynamicTest.dynamicTest(
                                file.getFileName().toString(), () -> new Attempt(file).run()));
    }

    @Test
    void theCorpusIsThere() throws IOException {
        assertThat(corpus()).hasSizeGreaterThan(90);
    }

    /** One attack in a world of its own. */
    private static final class Attempt {
        private final TokenWorld world = new TokenWorld();
        private final ProofMaker stranger = new ProofMaker(world.clock);
        private final KeyPair strangerPair = EcSignatures.newPair();
        private final Map<String, String> header = new LinkedHashMap<>();
        private final Map<String, String> claims = new LinkedHashMap<>();
        private final Map<String, String> proof = new LinkedHashMap<>();
        private final List<String> before = new ArrayList<>();
        private final Map<String, String> how = new LinkedHashMap<>();
        private final String expected;
        private final String key = world.consumer().secret().reveal();

        Attempt(Path file) throws IOException {
            String expect = "";
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ", 2);
                String value = words.length > 1 ? words[1] : "";
                if (words[0].startsWith("header.")) {
                    header.put(words[0].substring(7), value);
                } else if (words[0].startsWith("claim.")) {
                    claims.put(words[0].substring(6), value);
                } else if (words[0].startsWith("proof.")) {
                    proof.put(words[0].substring(6), value);
                } else if (words[0].equals("before")) {
                    before.add(value);
                } else if (words[0].equals("refused")) {
                    expect = value;
                } else if (words[0].equals("challenged")) {
                    expect = NonceNeeded.REASON;
                } else {
                    how.put(words[0], value);
                }
            }
            expected = expect;
        }

        void run() throws Exception {
            try (world) {
                List<X509Certificate> peer = world.certificate("/app");
                boolean bound = "yes".equals(how.get("bound"));
                boolean certified = how.containsKey("certificate");
                String good = bound ? world.boundToken(key) : issued(certified ? peer : List.of());
                // The same request without the attack passes, so that the refusal is about it.
                String old = world.nonce();
                accepted(send(good, bound ? "dpop" : "bearer", goodProof(bound, good), peer(peer)));
                if (proof.containsKey("nonce") && proof.get("nonce").equals("old")) {
                    world.clock.advance(Nonces.WINDOW.multipliedBy(2));
                }
                before.forEach(step -> prepare(step, good));
                String bad = token(good);
                List<String> proofs = proofs(bound, bad, old);
                List<X509Certificate> shown =
                        switch (how.getOrDefault("peer", "good")) {
                            case "none" -> List.<X509Certificate>of();
                            case "other" -> world.certificate("/other");
                            default -> peer(peer);
                        };
                String scheme = how.getOrDefault("send", bound ? "dpop" : "bearer");
                if ("twice".equals(how.get("proof"))) {
                    accepted(send(bad, scheme, proofs, shown));
                }
                judge(send(bad, scheme, proofs, shown), bad);
            }
        }

        private void judge(Authentication outcome, String bad) {
            String reason =
                    switch (outcome) {
                        case Rejected no -> no.reason();
                        case NonceNeeded _ -> NonceNeeded.REASON;
                        case Authentication.Authenticated _ -> "accepted";
                        case Authentication.Unavailable down -> "unavailable: " + down.what();
                    };
            assertThat(reason).isEqualTo(expected);
            if (bad.length() > 40) {
                assertThat(outcome.toString()).doesNotContain(bad.substring(0, 40));
            }
        }

        private List<X509Certificate> peer(List<X509Certificate> own) {
            return how.containsKey("certificate") ? own : List.of();
        }

        private String issued(List<X509Certificate> peer) {
            Presented request =
                    world.request("POST", "/oauth2/token", TokenWorld.bearer(key), peer);
            return TokenWorld.granted(world.ask(request, "grant_type", TokenExchange.EXCHANGE))
                    .issued()
                    .token()
                    .reveal();
        }

        private List<String> goodProof(boolean bound, String token) {
            return bound ? List.of(world.proof(world.holder, "POST", PATH, token)) : List.of();
        }

        private void prepare(String step, String good) {
            if (step.startsWith("wait ")) {
                world.clock.advance(Duration.ofSeconds(Long.parseLong(step.substring(5))));
                return;
            }
            String jti = claim(good, "jti");
            String keyId = claim(good, "rests_on").replaceAll("[^a-z0-9_:]|api_key:", "");
            switch (step) {
                case "revoke token" -> revoke(Revocation.Kind.TOKEN, jti);
                case "revoke key" -> revoke(Revocation.Kind.KEY, keyId);
                case "revoke principal" -> revoke(Revocation.Kind.PRINCIPAL, "alice");
                case "revoke grant" ->
                        revoke(Revocation.Kind.GRANT, Revocation.grant("alice", "consumer"));
                case "revoke grant-pattern" ->
                        revoke(Revocation.Kind.GRANT, Revocation.grant("al*", "consumer"));
                case "revoke everything" -> revoke(Revocation.Kind.EVERYTHING, "*");
                default -> throw new AssertionError("no such step: " + step);
            }
        }

        private void revoke(Revocation.Kind kind, String id) {
            world.revocations.revoke(kind, "default", id, "");
        }

        private String token(String good) throws Exception {
            if (how.containsKey("form")) {
                return formed(good, how.get("form"));
            }
            if (header.isEmpty() && claims.isEmpty() && !how.containsKey("signature")) {
                return good;
            }
            Map<String, Object> head = json(good.split("\\.")[0]);
            Map<String, Object> body = json(good.split("\\.")[1]);
            change(head, header);
            change(body, claims);
            String signed = Compact.toSign(bytes(head), bytes(body));
            return signed + "." + signature(signed, good);
        }

        private void change(Map<String, Object> members, Map<String, String> changes) {
            changes.forEach((name, value) -> {
                if (value.equals("-")) {
                    members.remove(name);
                } else if (value.startsWith("@")) {
                    long seconds = Long.parseLong(value.substring(1));
                    members.put(name, world.clock.instant().plusSeconds(seconds).getEpochSecond());
                } else {
                    members.put(name, special(name, value));
                }
            });
        }

        private Object special(String name, String value) {
            Jwk theirs = Jwk.of(strangerPair.getPublic());
            return switch (name) {
                case "jwk" -> Map.of("kty", "EC", "crv", "P-256", "x", theirs.x(), "y", theirs.y());
                case "kid" -> value.equals("stranger") ? theirs.thumbprint() : value;
                case "crit", "roles" -> List.of(value);
                case "b64" -> false;
                case "epoch" -> Long.parseLong(value);
                case "cnf" -> Map.of(value.split(":")[0], value.split(":")[1]);
                case "jti" -> value.equals("long") ? "j".repeat(300) : value;
                default -> value;
            };
        }

        private String signature(String signed, String good) throws Exception {
            byte[] message = signed.getBytes(StandardCharsets.US_ASCII);
            TokenKeys.Signer own = world.tokens.keys().current();
            byte[] made =
                    switch (how.getOrDefault("signature", "own")) {
                        case "own" -> EcSignatures.sign(own.pair().getPrivate(), message);
                        case "kept" -> Base64.getUrlDecoder().decode(good.split("\\.")[2]);
                        case "stranger" -> EcSignatures.sign(strangerPair.getPrivate(), message);
                        case "none" -> new byte[0];
                        case "zeros" -> new byte[64];
                        case "der" ->
                                ECDSA.transcodeSignatureToDER(
                                        EcSignatures.sign(own.pair().getPrivate(), message));
                        case "hs256" ->
                                Hashes.hmacSha256(own.pair().getPublic().getEncoded(), message);
                        case "hs256-jwk" -> Hashes.hmacSha256(own.jwk().json(), message);
                        case "rs256" -> rsa(message);
                        default -> throw new AssertionError("no such signature");
                    };
            return Compact.encode(made);
        }

        private static byte[] rsa(byte[] message) throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(generator.generateKeyPair().getPrivate());
            signature.update(message);
            return signature.sign();
        }

        private String formed(String good, String form) {
            String[] parts = good.split("\\.");
            return switch (form) {
                case "pad" -> parts[0] + "=." + parts[1] + "." + parts[2];
                case "loose-bits" -> {
                    // 64 bytes end in a character of which two bits count for nothing.
                    char last = good.charAt(good.length() - 1);
                    yield good.substring(0, good.length() - 1) + (char) (last + 1);
                }
                case "fourth" -> good + "." + parts[2];
                case "duplicate-claim" -> {
                    String body = new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8);
                    String twice = body.replaceFirst("\\{", "{\"roles\":[\"security_admin\"],");
                    String signed = parts[0] + "." + Compact.encode(twice.getBytes(UTF_8));
                    PrivateKey own = world.tokens.keys().current().pair().getPrivate();
                    yield signed
                            + "."
                            + Compact.encode(EcSignatures.sign(own, signed.getBytes(UTF_8)));
                }
                case "cut" -> good.substring(0, good.length() - 1);
                case "tail" -> good + "A";
                default -> throw new AssertionError("no such form: " + form);
            };
        }

        private List<String> proofs(boolean bound, String token, String oldNonce) throws Exception {
            String kind = how.getOrDefault("proof", bound || !proof.isEmpty() ? "good" : "none");
            String made = kind.equals("none") ? "" : proof(token, oldNonce);
            return switch (kind) {
                case "none" -> List.of();
                case "double" -> List.of(made, made);
                case "garbage" -> List.of("not a proof");
                case "token" -> List.of(token);
                case "huge" -> List.of(made + "A".repeat(5000));
                default -> List.of(made);
            };
        }

        private String proof(String token, String oldNonce) throws Exception {
            String keyKind = proof.getOrDefault("key", "own");
            ProofMaker maker = keyKind.equals("other") ? stranger : world.holder;
            String good = world.proof(maker, "POST", PATH, token);
            Map<String, Object> head = json(good.split("\\.")[0]);
            Map<String, Object> body = json(good.split("\\.")[1]);
            Map<String, String> changes = new LinkedHashMap<>(proof);
            changes.remove("key");
            String signing = changes.remove("signature");
            if (changes.containsKey("nonce") && changes.get("nonce").equals("old")) {
                changes.put("nonce", oldNonce);
            }
            Map<String, String> headChanges = new LinkedHashMap<>();
            for (String name : List.of("alg", "typ")) {
                if (changes.containsKey(name)) {
                    headChanges.put(name, changes.remove(name));
                }
            }
            change(head, headChanges);
            change(body, changes);
            proofKey(head, keyKind);
            String signed = Compact.toSign(bytes(head), bytes(body));
            byte[] message = signed.getBytes(StandardCharsets.US_ASCII);
            byte[] signature =
                    "none".equals(signing)
                            ? new byte[0]
                            : "stranger".equals(signing)
                                    ? EcSignatures.sign(strangerPair.getPrivate(), message)
                                    : maker.sign(message);
            return signed + "." + Compact.encode(signature);
        }

        @SuppressWarnings("unchecked")
        private void proofKey(Map<String, Object> head, String kind) {
            Map<String, Object> jwk = new LinkedHashMap<>((Map<String, Object>) head.get("jwk"));
            switch (kind) {
                case "private" -> jwk.put("d", Compact.encode(new byte[32]));
                case "off-curve" -> jwk.put("y", jwk.get("x"));
                case "symmetric" -> jwk = new LinkedHashMap<>(Map.of("kty", "oct", "k", "AAAA"));
                case "rsa" ->
                        jwk = new LinkedHashMap<>(Map.of("kty", "RSA", "n", "AAAA", "e", "AQAB"));
                default -> {}
            }
            if (kind.equals("missing")) {
                head.remove("jwk");
            } else {
                head.put("jwk", jwk);
            }
        }

        private Authentication send(
                String token, String scheme, List<String> proofs, List<X509Certificate> peer) {
            String bearer = "Bearer " + token;
            List<String> authorization =
                    switch (scheme) {
                        case "bearer", "both" -> List.of(bearer);
                        case "dpop" -> List.of("DPoP " + token);
                        case "twice" -> List.of(bearer, bearer);
                        default -> List.of();
                    };
            List<String> apiKey =
                    switch (scheme) {
                        case "apikey" -> List.of(token);
                        case "both" -> List.of(key);
                        default -> List.of();
                    };
            return world.authenticator.authenticate(
                    world.request(
                            "POST",
                            PATH,
                            Map.of(
                                    "authorization", authorization,
                                    "x-api-key", apiKey,
                                    "dpop", proofs),
                            peer));
        }

        private static String claim(String token, String name) {
            try {
                return String.valueOf(json(token.split("\\.")[1]).get(name));
            } catch (java.text.ParseException e) {
                throw new AssertionError(e);
            }
        }

        private static Map<String, Object> json(String part) throws java.text.ParseException {
            return new LinkedHashMap<>(
                    JSONObjectUtils.parse(new String(Base64.getUrlDecoder().decode(part), UTF_8)));
        }

        private static byte[] bytes(Map<String, Object> members) {
            return JSONObjectUtils.toJSONString(members).getBytes(UTF_8);
        }

        private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;
    }

    @Test
    void aGoodProofIsOneThatAnIndependentLibraryAcceptsToo() throws Exception {
        ProofMaker maker = new ProofMaker(java.time.Clock.systemUTC());
        String proof =
                maker.proof(
                        "POST",
                        URI.create("https://gateway.test:8443/v1/x?a=b"),
                        java.util.Optional.of(Sensitive.of("token")),
                        java.util.Optional.of("n"));
        var jwt = com.nimbusds.jwt.SignedJWT.parse(proof);
        var jwk = jwt.getHeader().getJWK().toECKey();
        assertThat(jwk.isPrivate()).isFalse();
        assertThat(jwk.computeThumbprint().toString()).isEqualTo(maker.thumbprint());
        assertThat(jwt.verify(new com.nimbusds.jose.crypto.ECDSAVerifier(jwk))).isTrue();
        assertThat(jwt.getHeader().getType().getType()).isEqualTo("dpop+jwt");
        var claims = jwt.getJWTClaimsSet();
        assertThat(claims.getStringClaim("htu")).isEqualTo("https://gateway.test:8443/v1/x");
        assertThat(claims.getStringClaim("htm")).isEqualTo("POST");
        assertThat(claims.getStringClaim("nonce")).isEqualTo("n");
        assertThat(claims.getStringClaim("ath")).hasSize(43);
    }
}
