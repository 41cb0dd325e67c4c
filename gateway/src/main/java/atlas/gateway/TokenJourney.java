package atlas.gateway;

import atlas.core.AuditEvent.TokenIssued;
import atlas.core.AuditEvent.TokenRefused;
import atlas.core.AuditLog;
import atlas.core.json.Json;
import atlas.identity.token.AtlasTokens.Issued;
import atlas.identity.token.AtlasTokens.Published;
import atlas.identity.token.TokenExchange;
import atlas.identity.token.TokenExchange.Outcome;
import atlas.identity.token.TokenExchange.Outcome.Denied;
import atlas.identity.token.TokenExchange.Outcome.Granted;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;

/**
 * Gives short-lived tokens (RFC 8693, RFC 6749), and tells how they are checked (RFC 7517, RFC
 * 8414). A stranger is answered as everywhere. A token leaves only after the journal has it.
 */
final class TokenJourney {
    static final String PATH = "/oauth2/token";
    static final String KEYS = "/.well-known/jwks.json";
    static final String METADATA = "/.well-known/oauth-authorization-server";

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Headers UNCACHED =
            Headers.of("content-type", "application/json", "cache-control", "no-store");
    private static final Headers KEY_SET =
            Headers.of(
                    "content-type", "application/jwk-set+json",
                    "cache-control", "private, max-age=60");

    private final Gate gate;
    private final GatewayParts.Tokens tokens;
    private final AuditLog journal;
    private final Exit exit;
    private final Clock clock;

    TokenJourney(Gate gate, GatewayParts.Tokens tokens, AuditLog journal, Exit exit, Clock clock) {
        this.gate = gate;
        this.tokens = tokens;
        this.journal = journal;
        this.exit = exit;
        this.clock = clock;
    }

    List<Way> ways() {
        return List.of(
                Way.of("POST", PATH, this::travel),
                Way.of("GET", KEYS, exchange -> show(exchange, KEY_SET)),
                Way.of("GET", METADATA, exchange -> show(exchange, UNCACHED)));
    }

    void travel(Exchange exchange) {
        Trip trip = new Trip(exchange, "token", System.nanoTime());
        try {
            if (!exchange.method().equals("POST")) {
                gate.enter(trip);
                Bodies.requirePost(exchange);
            }
            // A credential in a query would be in every log between here and its sender.
            boolean form = mediaType(exchange).equals(FORM) && exchange.query().isEmpty();
            answer(trip, tokens.exchange().answer(Gate.presented(exchange), exchange.body(), form));
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        }
    }

    private void answer(Trip trip, Outcome outcome) throws Refused {
        switch (outcome) {
            case Outcome.Stranger(var why) -> throw gate.rejected(trip, why);
            case Outcome.Unavailable(String what) -> throw new Refused(Refusal.UNAVAILABLE, what);
            case Denied denied -> {
                gate.admit(trip, denied.caller());
                deny(trip, denied);
            }
            case Granted granted -> {
                gate.admit(trip, granted.caller());
                grant(trip, granted);
            }
        }
    }

    private void grant(Trip trip, Granted granted) {
        Issued issued = granted.issued();
        journal.append(
                new TokenIssued(
                        trip.exchange().requestId(),
                        trip.actor(),
                        granted.grant(),
                        issued.id(),
                        issued.audiences(),
                        issued.roles(),
                        issued.models(),
                        issued.boundTo(),
                        issued.expires()));
        byte[] body =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("access_token", issued.token().reveal());
                    out.writeStringField("issued_token_type", TokenExchange.ACCESS_TOKEN);
                    out.writeStringField("token_type", granted.type());
                    out.writeNumberField("expires_in", issued.secondsFrom(clock.instant()));
                    out.writeStringField("scope", granted.scope());
                    out.writeEndObject();
                });
        trip.exchange().respond(200, UNCACHED, body);
        exit.answered(trip);
    }

    private void deny(Trip trip, Denied denied) {
        journal.append(
                new TokenRefused(
                        trip.exchange().requestId(),
                        trip.actor(),
                        denied.grant(),
                        denied.code(),
                        denied.message()));
        byte[] body =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("error", denied.code());
                    out.writeStringField("error_description", ascii(denied.message()));
                    out.writeEndObject();
                });
        Headers headers = UNCACHED;
        if (denied.nonce().isPresent()) {
            headers = headers.with("dpop-nonce", denied.nonce().get());
        }
        trip.exchange().respond(400, headers, body);
        exit.answered(trip, denied.code(), 400);
    }

    /** RFC 6749 §5.2: printable ASCII without quotes and backslashes. */
    private static String ascii(String text) {
        return text.replaceAll("[^\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]", "?");
    }

    private void show(Exchange exchange, Headers headers) {
        Trip trip = new Trip(exchange, "token-keys", System.nanoTime());
        try {
            gate.enter(trip);
            Bodies.requireMethod(exchange, "GET");
            Published published =
                    tokens.published()
                            .get()
                            .orElseThrow(() -> new Refused(Refusal.UNAVAILABLE, "token keys"));
            byte[] body =
                    exchange.path().equals(KEYS)
                            ? published.jwks()
                            : metadata(published.issuer(), "https://" + exchange.authority());
            exchange.respond(200, headers, body);
            exit.answered(trip);
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        }
    }

    /** RFC 8414 §2; {@code base} is this server as its client named it, which has been checked. */
    private static byte[] metadata(String issuer, String base) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("issuer", issuer);
            out.writeStringField("token_endpoint", base + PATH);
            out.writeStringField("jwks_uri", base + KEYS);
            texts(out, "response_types_supported", List.of());
            texts(
                    out,
                    "grant_types_supported",
                    List.of(TokenExchange.EXCHANGE, TokenExchange.CLIENT_CREDENTIALS));
            texts(
                    out,
                    "token_endpoint_auth_methods_supported",
                    List.of("client_secret_basic", "client_secret_post", "tls_client_auth"));
            texts(out, "dpop_signing_alg_values_supported", List.of("ES256"));
            out.writeBooleanField("tls_client_certificate_bound_access_tokens", true);
            out.writeEndObject();
        });
    }

    private static void texts(JsonGenerator out, String name, List<String> values)
            throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }

    private static String mediaType(Exchange exchange) {
        String type = exchange.headers().first("content-type").orElse("");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }
}
