package atlas.identity.oidc;

import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.identity.JwksSource;
import atlas.identity.JwtIssuers;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Atlas as a client of one provider that people sign in with: authorization code with PKCE.
 *
 * <p>Promises: an {@link Arrival.Arrived} comes from an ID token that the provider signed for this
 * client and this journey; nothing the browser brought is believed but that it belongs to the
 * journey. "No" and "could not ask" are different answers. Thread-safe; blocks for the provider,
 * for a bounded time.
 */
public final class RelyingParty {
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final int MAX_CODE = 4096;

    private final Client config;
    private final JwtIssuers issuers;
    private final JwksSource.Channel channel;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final LogoutRules logouts = new LogoutRules();
    private volatile @Nullable Known known;

    private record Known(ProviderMetadata metadata, Instant read) {}

    /**
     * One provider that people sign in with.
     *
     * @param name in paths and records: lower case, digits and hyphens
     * @param label what the button says
     * @param issuer one of the configured issuers, whose mapping says what claims mean
     * @param clientSecret without one, the client is public and rests on PKCE alone
     * @param scopes asked for; {@code openid} is always among them
     * @param userInfo whether claims are completed from the provider's UserInfo endpoint
     */
    public record Client(
            String name,
            String label,
            String issuer,
            String clientId,
            Optional<Sensitive<String>> clientSecret,
            List<String> scopes,
            boolean userInfo) {
        public Client {
            scopes = List.copyOf(scopes);
            if (!isName(name)) {
                throw new IllegalArgumentException(
                        "not a provider name: `"
                                + name
                                + "` (1 to 32 of lower-case letters, digits and `-`)");
            }
            if (label.isBlank() || label.length() > 60) {
                throw new IllegalArgumentException("a label has 1 to 60 characters");
            }
            if (clientId.isEmpty()) {
                throw new IllegalArgumentException("provider `" + name + "` needs a `client-id`");
            }
            for (String scope : scopes) {
                if (scope.isEmpty()
                        || scope.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '"')) {
                    throw new IllegalArgumentException("not a scope: `" + scope + "`");
                }
            }
        }

        private static boolean isName(String name) {
            return !name.isEmpty()
                    && name.length() <= 32
                    && name.chars()
                            .allMatch(c ->
                                    (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
        }
    }

    /**
     * What one browser takes along to the provider and must bring back: who keeps it keeps it
     * sealed.
     *
     * @param state says that the answer belongs to the browser that asked (RFC 6749 §10.12)
     * @param nonce says that the ID token was made for this asking (OpenID Connect Core §15.5.2)
     * @param verifier proves that whoever redeems the code is who asked for it (RFC 7636)
     * @param redirect where the provider sends the browser back, exactly
     */
    public record Journey(
            String provider,
            Sensitive<String> state,
            Sensitive<String> nonce,
            Sensitive<String> verifier,
            URI redirect) {

        static Journey start(String provider, URI redirect, SecureRandom random) {
            return new Journey(provider, fresh(random), fresh(random), fresh(random), redirect);
        }

        private static Sensitive<String> fresh(SecureRandom random) {
            byte[] bytes = new byte[32];
            random.nextBytes(bytes);
            return Sensitive.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
    }

    /** How a journey to a provider ended. */
    public sealed interface Arrival {

        /**
         * With a person.
         *
         * @param subject the provider's own name for them
         * @param session the provider's name for its session, if it has one
         * @param idToken shown to the provider again when signing out
         */
        record Arrived(
                Principal principal,
                String subject,
                Optional<String> session,
                Sensitive<String> idToken)
                implements Arrival {}

        /**
         * With nobody.
         *
         * @param reason stable, for the journal
         */
        record Refused(String reason) implements Arrival {}

        /** The provider cannot be asked now. */
        record Away(String what) implements Arrival {}
    }

    /** What a provider's word that somebody signed out is worth. */
    public sealed interface Notice {

        /**
         * It holds: this session, or without one all sessions of this person, are over.
         *
         * @param subject empty when only the session is named
         */
        record Over(String issuer, String subject, Optional<String> session) implements Notice {}

        /**
         * It does not hold.
         *
         * @param reason stable, for the journal
         */
        record Refused(String reason) implements Notice {}

        /** It cannot be checked now. */
        record Away(String what) implements Notice {}
    }

    /** The provider's discovery document cannot be had. */
    public static final class ProviderAway extends Exception {
        private static final long serialVersionUID = 1L;

        ProviderAway(String message, Throwable cause) {
            super(message, cause, false, false);
        }
    }

    /** A journey, and where the browser goes. */
    public record Begun(URI authorization, Journey journey) {}

    /**
     * A client of the provider.
     *
     * @throws IllegalArgumentException when its issuer is not one of the configured ones, or takes
     *     this client's ID tokens for access tokens
     */
    public RelyingParty(
            Client config, JwtIssuers issuers, JwksSource.Channel channel, Clock clock) {
        this.config = config;
        this.issuers = issuers;
        this.channel = channel;
        this.clock = clock;
        Set<String> audiences =
                issuers.audiences(config.issuer())
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "provider `%s`: issuer `%s` is not among `identity.issuers`"
                                                .formatted(config.name(), config.issuer())));
        if (audiences.contains(config.clientId())) {
            throw new IllegalArgumentException(
                    "provider `"
                            + config.name()
                            + "`: `"
                            + config.clientId()
                            + "` is an audience of its issuer, so an ID token would pass for an"
                            + " access token; give the API an audience of its own");
        }
    }

    public Client client() {
        return config;
    }

    /** Starts a journey that ends at {@code redirect}. */
    public Begun begin(URI redirect) throws ProviderAway {
        ProviderMetadata metadata = metadata();
        Journey journey = Journey.start(config.name(), redirect, random);
        byte[] challenge =
                Hashes.sha256()
                        .digest(journey.verifier().reveal().getBytes(StandardCharsets.US_ASCII));
        Set<String> scopes = new LinkedHashSet<>(Set.of("openid"));
        scopes.addAll(config.scopes());
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", config.clientId());
        query.put("redirect_uri", redirect.toString());
        query.put("scope", String.join(" ", scopes));
        query.put("state", journey.state().reveal());
        query.put("nonce", journey.nonce().reveal());
        query.put(
                "code_challenge",
                Base64.getUrlEncoder().withoutPadding().encodeToString(challenge));
        query.put("code_challenge_method", "S256");
        return new Begun(with(metadata.authorization(), query), journey);
    }

    /**
     * Ends a journey.
     *
     * @param brought the parameters the browser brought back, each once
     */
    public Arrival finish(Map<String, String> brought, Journey journey) {
        ProviderMetadata metadata;
        try {
            metadata = metadata();
        } catch (ProviderAway e) {
            return new Arrival.Away("provider " + config.name());
        }
        Optional<String> objection = objection(brought, journey, metadata);
        if (objection.isPresent()) {
            return new Arrival.Refused(objection.get());
        }
        try {
            return redeem(brought.getOrDefault("code", ""), journey, metadata);
        } catch (IOException e) {
            return new Arrival.Away("provider " + config.name());
        }
    }

    private Optional<String> objection(
            Map<String, String> brought, Journey journey, ProviderMetadata metadata) {
        if (!IdTokenRules.same(journey.state().reveal(), brought.getOrDefault("state", ""))) {
            return Optional.of("sign_in_state");
        }
        String issuer = brought.get("iss");
        if (issuer == null ? metadata.namesItself() : !issuer.equals(config.issuer())) {
            // RFC 9207 §2.4: another provider's answer, mixed up with this one's.
            return Optional.of("sign_in_issuer");
        }
        if (brought.containsKey("error")) {
            return Optional.of(
                    brought.getOrDefault("error", "").equals("access_denied")
                            ? "sign_in_denied"
                            : "sign_in_error");
        }
        String code = brought.getOrDefault("code", "");
        return code.isEmpty() || code.length() > MAX_CODE
                ? Optional.of("sign_in_code_missing")
                : Optional.empty();
    }

    private Arrival redeem(String code, Journey journey, ProviderMetadata metadata)
            throws IOException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", journey.redirect().toString());
        form.put("code_verifier", journey.verifier().reveal());
        Map<String, String> headers = identify(form, metadata);
        JwksSource.Channel.Answer answer = channel.call(metadata.token(), headers, form(form));
        if (answer.status() >= 500) {
            return new Arrival.Away("provider " + config.name());
        }
        if (answer.status() != 200) {
            return new Arrival.Refused("sign_in_code");
        }
        Map<String, Object> tokens = Members.of(answer.body());
        if (!(tokens.get("id_token") instanceof String idToken)) {
            return new Arrival.Refused("sign_in_without_id_token");
        }
        String access = tokens.get("access_token") instanceof String text ? text : null;
        return arrive(Sensitive.of(idToken), access, journey, metadata);
    }

    private Arrival arrive(
            Sensitive<String> idToken,
            @Nullable String access,
            Journey journey,
            ProviderMetadata metadata)
            throws IOException {
        return switch (issuers.vouched(config.issuer(), idToken)) {
            case JwtIssuers.Vouched.Unreachable away -> new Arrival.Away(away.what());
            case JwtIssuers.Vouched.Fails fails -> new Arrival.Refused("id_" + fails.reason());
            case JwtIssuers.Vouched.Holds holds -> {
                Optional<String> objection =
                        IdTokenRules.objection(
                                holds.type(),
                                holds.claims(),
                                config.clientId(),
                                journey.nonce(),
                                access);
                if (objection.isPresent()) {
                    yield new Arrival.Refused(objection.get());
                }
                yield person(idToken, holds.claims(), access, metadata);
            }
        };
    }

    private Arrival person(
            Sensitive<String> idToken,
            Map<String, Object> idClaims,
            @Nullable String access,
            ProviderMetadata metadata)
            throws IOException {
        Map<String, Object> claims = new HashMap<>(idClaims);
        if (config.userInfo()) {
            Optional<Map<String, Object>> more = userInfo(access, metadata);
            // OpenID Connect Core §5.3.2: of the same person, or not used at all.
            if (more.isEmpty()
                    || !String.valueOf(idClaims.get("sub")).equals(more.get().get("sub"))) {
                return new Arrival.Refused("sign_in_user_info");
            }
            more.get().forEach(claims::putIfAbsent);
        }
        return switch (issuers.person(config.issuer(), idToken, claims)) {
            case JwtIssuers.Vouched.Named.Nobody nobody -> new Arrival.Refused(nobody.reason());
            case JwtIssuers.Vouched.Named.Person named ->
                    new Arrival.Arrived(
                            named.principal(),
                            String.valueOf(idClaims.get("sub")),
                            idClaims.get("sid") instanceof String sid
                                    ? Optional.of(sid)
                                    : Optional.empty(),
                            idToken);
        };
    }

    private Optional<Map<String, Object>> userInfo(
            @Nullable String access, ProviderMetadata metadata) throws IOException {
        if (access == null || metadata.userInfo().isEmpty()) {
            return Optional.empty();
        }
        JwksSource.Channel.Answer answer =
                channel.call(
                        metadata.userInfo().get(), Map.of("authorization", "Bearer " + access), "");
        return answer.status() == 200 ? Optional.of(Members.of(answer.body())) : Optional.empty();
    }

    /** Judges the provider's word that somebody signed out there. */
    public Notice logout(Sensitive<String> logoutToken) {
        return switch (issuers.vouched(config.issuer(), logoutToken)) {
            case JwtIssuers.Vouched.Unreachable away -> new Notice.Away(away.what());
            case JwtIssuers.Vouched.Fails fails -> new Notice.Refused("logout_" + fails.reason());
            case JwtIssuers.Vouched.Holds holds -> {
                Map<String, Object> claims = holds.claims();
                yield logouts.objection(
                                holds.type(),
                                claims,
                                config.clientId(),
                                clock.instant(),
                                Duration.ofSeconds(30))
                        .<Notice>map(Notice.Refused::new)
                        .orElseGet(() ->
                                new Notice.Over(
                                        config.issuer(),
                                        claims.get("sub") instanceof String sub ? sub : "",
                                        claims.get("sid") instanceof String sid
                                                ? Optional.of(sid)
                                                : Optional.empty()));
            }
        };
    }

    /**
     * Where the browser goes to sign out at the provider too; empty when the provider has no such
     * place or cannot say now.
     *
     * @param back where the provider sends it afterwards
     */
    public Optional<Sensitive<URI>> farewell(Sensitive<String> idToken, URI back) {
        try {
            Map<String, String> query = new LinkedHashMap<>();
            query.put("id_token_hint", idToken.reveal());
            query.put("client_id", config.clientId());
            query.put("post_logout_redirect_uri", back.toString());
            return metadata().endSession().map(place -> Sensitive.of(with(place, query)));
        } catch (ProviderAway e) {
            return Optional.empty();
        }
    }

    private Map<String, String> identify(Map<String, String> form, ProviderMetadata metadata) {
        if (config.clientSecret().isEmpty() || metadata.secretInForm()) {
            form.put("client_id", config.clientId());
            config.clientSecret().ifPresent(s -> form.put("client_secret", s.reveal()));
            return Map.of();
        }
        // RFC 6749 §2.3.1: each part is form-encoded before both are joined.
        String pair =
                encode(config.clientId()) + ":" + encode(config.clientSecret().get().reveal());
        return Map.of(
                "authorization",
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    private ProviderMetadata metadata() throws ProviderAway {
        Instant now = clock.instant();
        Known before = known;
        if (before != null && now.isBefore(before.read.plus(KEPT))) {
            return before.metadata;
        }
        String base = config.issuer();
        try {
            byte[] document =
                    channel.fetch(
                            URI.create(
                                    base
                                            + (base.endsWith("/") ? "" : "/")
                                            + ".well-known/openid-configuration"));
            ProviderMetadata read = ProviderMetadata.read(base, document);
            known = new Known(read, now);
            return read;
        } catch (IOException e) {
            throw new ProviderAway("provider " + config.name(), e);
        }
    }

    private static URI with(URI place, Map<String, String> query) {
        String text = place.toString();
        return URI.create(text + (text.indexOf('?') < 0 ? '?' : '&') + form(query));
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
