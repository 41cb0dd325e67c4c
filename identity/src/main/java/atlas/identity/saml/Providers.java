package atlas.identity.saml;

import atlas.identity.IdentityException;
import atlas.identity.JwksFetcher;
import atlas.identity.JwksSource;
import atlas.identity.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The configured identity providers with what is known of each. Thread-safe. */
final class Providers implements AutoCloseable {
    private static final Duration REFRESH = Duration.ofMinutes(10);

    private final Map<String, IdpDirectory> byName = new LinkedHashMap<>();
    private final Clock clock;
    private List<JwksFetcher> fetchers = List.of();
    private final ScheduledExecutorService background =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("atlas-saml-metadata").factory());

    Providers(SamlConfig config, Function<SamlConfig.Provider, JwksSource> sources, Clock clock) {
        this.clock = clock;
        for (SamlConfig.Provider provider : config.identityProviders()) {
            byName.put(
                    provider.name(),
                    new IdpDirectory(
                            provider,
                            sources.apply(provider),
                            provider.metadataSigner().map(Providers::signer),
                            clock));
        }
    }

    /** Over HTTPS and from files, again and again. */
    static Providers watched(SamlConfig config, Clock clock) {
        List<JwksFetcher> fetchers = new ArrayList<>();
        Providers providers =
                new Providers(
                        config,
                        provider -> {
                            JwksFetcher fetcher =
                                    provider.metadataTrust()
                                            .map(file -> JwksFetcher.trusting(certificates(file)))
                                            .orElseGet(JwksFetcher::trustingRuntime);
                            fetchers.add(fetcher);
                            return fetcher;
                        },
                        clock);
        providers.fetchers = List.copyOf(fetchers);
        providers.background.scheduleWithFixedDelay(
                () -> providers.byName.values().forEach(IdpDirectory::refresh),
                0,
                REFRESH.toSeconds(),
                TimeUnit.SECONDS);
        return providers;
    }

    private static X509Certificate signer(Path file) {
        List<X509Certificate> read = certificates(file);
        if (read.size() != 1) {
            throw new IdentityException(
                    "metadata signer `" + file + "` has " + read.size() + " certificates, not one",
                    null);
        }
        return read.get(0);
    }

    private static List<X509Certificate> certificates(Path file) {
        try {
            return Pem.certificates(Files.readString(file));
        } catch (IOException e) {
            throw new IdentityException("certificates in `" + file + "` cannot be read", e);
        }
    }

    Optional<IdpDirectory> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The provider that calls itself so. */
    IdpDirectory issuing(String entityId) throws SamlException {
        return byName.values().stream()
                .filter(d -> d.provider().entityId().equals(entityId))
                .findFirst()
                .orElseThrow(() -> new SamlException("saml_issuer"));
    }

    /** Something that needs a provider's keys. */
    interface Check<T> {
        T with(List<PublicKey> keys) throws SamlException;
    }

    /**
     * Runs a check with the provider's keys, and once more when none fitted and its metadata could
     * be fetched again; empty when there is no metadata.
     */
    <T> Optional<T> verified(IdpDirectory directory, Check<T> check) throws SamlException {
        Optional<IdpMetadata> metadata = directory.metadata();
        if (metadata.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(check.with(metadata.get().keys(clock.instant())));
        } catch (SamlException e) {
            // A provider that has turned its key over publishes the new one first.
            if (!e.reason().equals("saml_signature_untrusted") || !directory.refreshSoon()) {
                throw e;
            }
        }
        Optional<IdpMetadata> fresh = directory.metadata();
        return fresh.isEmpty()
                ? Optional.empty()
                : Optional.of(check.with(fresh.get().keys(clock.instant())));
    }

    @Override
    public void close() {
        background.shutdownNow();
        fetchers.forEach(JwksFetcher::close);
    }
}
