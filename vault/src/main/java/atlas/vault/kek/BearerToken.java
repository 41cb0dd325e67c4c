package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An OAuth 2.0 access token, kept until a minute before it ends. Thread-safe. */
final class BearerToken {
    private static final long MARGIN = 60;

    private final KekTransport transport;
    private final Clock clock;
    private final Supplier<Grant> grants;

    private record Held(Sensitive<String> token, Instant until) {}

    private volatile @Nullable Held held;

    /** How to ask for one: where, and with what form. */
    record Grant(URI place, Sensitive<Map<String, String>> form) {}

    BearerToken(KekTransport transport, Clock clock, Supplier<Grant> grants) {
        this.transport = transport;
        this.clock = clock;
        this.grants = grants;
    }

    /**
     * One that holds now.
     *
     * @throws KeyUnavailableException when none is given; never {@code withdrawn}, for it says
     *     nothing about the key
     */
    Sensitive<String> get() {
        Held now = held;
        if (now != null && clock.instant().isBefore(now.until)) {
            return now.token;
        }
        Grant grant = grants.get();
        String form =
                grant.form().reveal().entrySet().stream()
                        .map(e ->
                                e.getKey()
                                        + "="
                                        + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        KekTransport.Answer answer =
                transport.post(
                        grant.place(),
                        Map.of("content-type", "application/x-www-form-urlencoded"),
                        form.getBytes(StandardCharsets.US_ASCII));
        KekJson said = KekJson.of(answer.body());
        if (!answer.ok()) {
            throw new KeyUnavailableException(
                    "`"
                            + grant.place().getAuthority()
                            + "` gives no token to use the key with: "
                            + said.text("error").orElse("status " + answer.status()),
                    null);
        }
        long seconds = seconds(said);
        Sensitive<String> token = Sensitive.of(said.need("access_token"));
        held = new Held(token, clock.instant().plusSeconds(Math.max(0, seconds - MARGIN)));
        return token;
    }

    private static long seconds(KekJson said) {
        try {
            return Math.min(86_400, Long.parseLong(said.text("expires_in").orElse("0")));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Asks anew next time: the last one was not accepted. */
    void forget() {
        held = null;
    }
}
