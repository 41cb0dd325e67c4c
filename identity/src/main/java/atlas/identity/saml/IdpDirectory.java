package atlas.identity.saml;

import atlas.identity.JwksSource;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One provider's metadata, kept fresh. A document that cannot be fetched, does not verify or has
 * expired never replaces a good one; the good one serves until its own end and at most a day after
 * it was last confirmed. Thread-safe; blocks only in {@link #refresh} and {@link #refreshSoon}.
 */
final class IdpDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(IdpDirectory.class);
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final Duration PAUSE = Duration.ofSeconds(60);
    private static final Duration PAUSE_WITHOUT = Duration.ofSeconds(10);

    private final SamlConfig.Provider provider;
    private final JwksSource source;
    private final Optional<X509Certificate> pinned;
    private final Clock clock;

    private record Known(IdpMetadata metadata, Instant fetched) {}

    private volatile @Nullable Known known;

    /** Guarded by this: when a fetch was last begun. */
    private @Nullable Instant tried;

    IdpDirectory(
            SamlConfig.Provider provider,
            JwksSource source,
            Optional<X509Certificate> pinned,
            Clock clock) {
        this.provider = provider;
        this.source = source;
        this.pinned = pinned;
        this.clock = clock;
    }

    SamlConfig.Provider provider() {
        return provider;
    }

    /** What is known and still holds; fetched first when there is nothing. */
    Optional<IdpMetadata> metadata() {
        Optional<IdpMetadata> held = held();
        if (held.isPresent()) {
            return held;
        }
        refreshSoon();
        return held();
    }

    private Optional<IdpMetadata> held() {
        Known now = known;
        Instant time = clock.instant();
        if (now == null || !time.isBefore(now.fetched.plus(LONGEST))) {
            return Optional.empty();
        }
        Optional<Instant> until = now.metadata.until();
        return until.isPresent() && !time.isBefore(until.get())
                ? Optional.empty()
                : Optional.of(now.metadata);
    }

    /**
     * Fetches, unless that was tried within the last minute, or ten seconds where nothing is known;
     * says whether it was fetched.
     */
    synchronized boolean refreshSoon() {
        Instant time = clock.instant();
        Duration pause = held().isPresent() ? PAUSE : PAUSE_WITHOUT;
        if (tried != null && time.isBefore(tried.plus(pause))) {
            return false;
        }
        refresh();
        return true;
    }

    /** Fetches now. */
    synchronized void refresh() {
        tried = clock.instant();
        try {
            IdpMetadata fresh =
                    IdpMetadata.read(
                            source.fetch(provider.metadata()),
                            provider.entityId(),
                            pinned,
                            clock.instant());
            known = new Known(fresh, clock.instant());
        } catch (IOException | SamlException e) {
            LOG.atWarn()
                    .addKeyValue("provider", provider.name())
                    .addKeyValue("reason", e.getMessage())
                    .log("metadata not taken");
        }
    }
}
