package atlas.identity.saml;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Our side of SAML 2.0 sign-in: says who we are, sends people to their provider, and judges what
 * their browsers bring back.
 *
 * <p>Promises: nothing unsigned, signed by SHA-1 or by a key that a message brings along counts;
 * values are read from signed octets only; an assertion works once, for the browser whose request
 * it answers; what cannot be judged is {@code Unavailable}, never accepted and never called wrong.
 * Thread-safe. Blocks only to fetch a provider's metadata that is not known.
 */
public final class SamlServiceProvider implements AutoCloseable {
    private final SamlConfig config;
    private final Supplier<SamlKeys> keys;
    private final Providers providers;
    private final LoginFlow logins;
    private final LogoutFlow logouts;
    private final Messages messages;
    private final Clock clock;

    private record Published(SamlKeys keys, byte[] document, Instant until) {}

    private volatile @Nullable Published published;

    /**
     * A message for the browser to carry.
     *
     * @param place where to
     * @param form fields to post; a redirect when there are none
     */
    public record Message(URI place, Map<String, String> form) {
        public Message {
            form = Map.copyOf(form);
        }
    }

    /** What came of beginning a login. */
    public sealed interface Begun {
        /**
         * Send the browser there, with this cookie, which says what was begun.
         *
         * @param cookie opaque; it must come back with the answer
         * @param lifetime how long it is good for
         */
        record Asked(Message message, String cookie, Duration lifetime) implements Begun {}

        /** No provider of that name. */
        record Unknown() implements Begun {}

        /** The provider's metadata cannot be had. */
        record Unavailable(String what) implements Begun {}
    }

    /**
     * Starts fetching metadata in the background.
     *
     * @param keys asked at every use, so that they may be turned over
     * @throws atlas.identity.IdentityException when a file that is configured cannot be read
     */
    public SamlServiceProvider(SamlConfig config, Supplier<SamlKeys> keys, Clock clock) {
        this(config, keys, Providers.watched(config, clock), new PendingLogin.Codec(), clock);
    }

    SamlServiceProvider(
            SamlConfig config,
            Supplier<SamlKeys> keys,
            Providers providers,
            PendingLogin.Codec cookies,
            Clock clock) {
        this.config = config;
        this.keys = keys;
        this.providers = providers;
        this.clock = clock;
        this.messages = new Messages(config);
        ReplayMemory replays = new ReplayMemory(100_000);
        this.logins = new LoginFlow(config, keys, providers, replays, cookies, clock);
        this.logouts = new LogoutFlow(config, keys, providers, replays, clock);
    }

    /** The providers, in the order of the configuration. */
    public List<SamlConfig.Provider> providers() {
        return config.identityProviders();
    }

    /** Our signed metadata, for providers; signed once in a while, for anybody may ask. */
    public byte[] metadata() {
        SamlKeys now = keys.get();
        Instant time = clock.instant();
        Published last = published;
        if (last == null || !last.keys.equals(now) || !time.isBefore(last.until)) {
            byte[] document =
                    new Signer(now.signing(config.overlap(), time))
                            .sign(messages.metadata("_" + PendingLogin.random(16), now, time));
            last = new Published(now, document, time.plus(Duration.ofMinutes(10)));
            published = last;
        }
        return last.document.clone();
    }

    /**
     * Begins a login at a provider.
     *
     * @param kept one short word to have back with the outcome, unchanged; may be empty
     */
    public Begun begin(String provider, String kept) {
        return logins.begin(provider, kept);
    }

    /**
     * Judges an answer by the POST binding.
     *
     * @param response the {@code SAMLResponse} field as posted
     * @param relayState the {@code RelayState} field; empty when there was none
     * @param cookie what {@link Begun.Asked} gave this browser, if it has it still
     */
    public SamlOutcome accept(String response, String relayState, Optional<String> cookie) {
        return logins.accept(response, relayState, cookie);
    }

    /** Our request that a provider end the session too; empty when it takes none. */
    public Optional<Message> logout(SamlSubject subject) {
        return logouts.begin(subject);
    }

    /** Judges a logout message by the redirect binding; {@code query} as it was on the wire. */
    public SamlLogout redirected(String query) {
        return logouts.redirected(query);
    }

    /** Judges a logout message by the POST binding. */
    public SamlLogout posted(Map<String, String> form) {
        return logouts.posted(form);
    }

    /** Our answer to a provider's request, once the sessions have ended; empty without a place. */
    public Optional<Message> answer(SamlLogout.Requested request, boolean done) {
        return logouts.answer(request, done);
    }

    /** Stops fetching. */
    @Override
    public void close() {
        providers.close();
    }
}
