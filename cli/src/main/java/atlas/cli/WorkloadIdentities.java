package atlas.cli;

import atlas.control.TrustRoot;
import atlas.control.WorkloadHome;
import atlas.core.WorkloadId;
import atlas.identity.IdentityConfig;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.svid.BundleFiles;
import atlas.runtime.svid.FileSvids;
import atlas.runtime.svid.SvidException;
import atlas.runtime.svid.SvidSource;
import atlas.runtime.svid.WorkloadApi;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Which identity each process shows the others, and which trust domains are believed. Identities
 * come from the internal authority, from files or from the Workload API, and whoever uses them
 * cannot tell. What people's clients see of the gateway and the control plane stays the internal
 * authority's, which names hosts. Thread-safe.
 */
final class WorkloadIdentities implements AutoCloseable {
    private static final List<String> PROCESSES = List.of("gateway", "node", "control");
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Internal internal;
    private final Lifecycle owned = new Lifecycle();
    private final Map<String, SvidSource> sources = new TreeMap<>();
    private final Map<String, WorkloadId> ids = new TreeMap<>();
    private final List<Supplier<Map<String, List<X509Certificate>>>> bundleSources =
            new ArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Map<String, List<X509Certificate>> bundles = Map.of();
    private volatile boolean moved;

    /**
     * The authority of this installation, which counts where nothing else is said.
     *
     * @param issue gives a fresh identity to a process
     * @param believe hears which bundles count, now and whenever they change
     */
    private record Internal(
            String trustDomain,
            X509Certificate root,
            Function<String, TlsIdentity> issue,
            Consumer<Map<String, List<X509Certificate>>> believe) {}

    private WorkloadIdentities(Internal internal) {
        this.internal = internal;
    }

    /**
     * Of the three processes of an installation in one; blocks until each has an identity.
     *
     * @throws Stop when one cannot be had
     */
    static WorkloadIdentities ofAll(IdentityConfig config, TrustRoot trust) {
        return open(config, of(trust), PROCESSES);
    }

    /** As the control plane of its own sees it: its identities are the authority's. */
    static WorkloadIdentities ofControl(IdentityConfig config, TrustRoot trust) {
        refuseOwn(config);
        return open(config, of(trust), List.of());
    }

    /** As a process sees it that joined the control plane and got its identity there. */
    static WorkloadIdentities ofJoined(IdentityConfig config, WorkloadHome home) {
        refuseOwn(config);
        X509Certificate root = home.server().trust().getFirst();
        Internal internal = new Internal(home.trustDomain(), root, _ -> home.client(), _ -> {});
        return open(config, internal, List.of());
    }

    private static Internal of(TrustRoot trust) {
        return new Internal(
                trust.trustDomain(),
                trust.rootCertificate(),
                process -> process.equals("node") ? trust.server(process) : trust.workload(process),
                trust::believe);
    }

    private static void refuseOwn(IdentityConfig config) {
        if (!config.svidFiles().isEmpty() || config.workloadApi().isPresent()) {
            throw Stop.usage(
                    "`identity.svid-files` and `identity.workload-api` are for `atlas up`: a served"
                            + " process gets its identity when it joins; take them out");
        }
    }

    private static WorkloadIdentities open(
            IdentityConfig config, Internal internal, List<String> processes) {
        WorkloadIdentities identities = new WorkloadIdentities(internal);
        boolean opened = false;
        try {
            identities.fill(config, processes);
            opened = true;
            return identities;
        } catch (SvidException e) {
            throw Stop.usage(String.valueOf(e.getMessage()));
        } finally {
            if (!opened) {
                identities.close();
            }
        }
    }

    private void fill(IdentityConfig config, List<String> processes) {
        Map<String, List<X509Certificate>> own =
                Map.of(internal.trustDomain, List.of(internal.root));
        bundleSources.add(() -> own);
        config.workloadApi().ifPresent(this::ask);
        config.svidFiles().forEach(this::read);
        for (String process : processes) {
            if (!sources.containsKey(process)) {
                use(
                        process,
                        new WorkloadId(internal.trustDomain, "/" + process),
                        SvidSource.issuedBy(() -> internal.issue.apply(process)));
            }
        }
        Map<String, Path> files = new HashMap<>();
        config.trustBundles().forEach(bundle -> files.put(bundle.trustDomain(), bundle.file()));
        if (!files.isEmpty()) {
            BundleFiles others = owned.own(BundleFiles.open(files, LOOK_EVERY));
            bundleSources.add(others::bundles);
            others.onChange(this::changed);
        }
        if (ids.values().stream().map(WorkloadId::trustDomain).distinct().count() > 1) {
            throw new SvidException(
                    "gateway, node and control must be of one trust domain, not " + ids.values());
        }
        merge();
    }

    private void ask(IdentityConfig.WorkloadApi config) {
        WorkloadApi api = owned.own(WorkloadApi.open(config.socket()));
        try {
            for (String process : PROCESSES) {
                WorkloadId id = new WorkloadId(config.trustDomain(), "/" + process);
                use(process, id, owned.own(api.await(id, config.patience().orElse(PATIENCE))));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SvidException("interrupted while waiting for the workload API", e);
        }
        bundleSources.add(api::bundles);
        api.onChange(this::changed);
    }

    private void read(IdentityConfig.SvidFiles files) {
        FileSvids source =
                FileSvids.open(files.certificate(), files.key(), files.bundle(), LOOK_EVERY);
        owned.own(source);
        String domain = source.bundles().keySet().iterator().next();
        WorkloadId id = new WorkloadId(domain, "/" + files.process());
        if (!source.id().equals(id)) {
            throw new SvidException(
                    "`%s` is the identity of `%s`, not of `%s`"
                            .formatted(files.certificate(), source.id(), id));
        }
        use(files.process(), id, source);
        bundleSources.add(source::bundles);
        source.onChange(this::changed);
    }

    private void use(String process, WorkloadId id, SvidSource source) {
        ids.put(process, id);
        sources.put(process, source);
    }

    private void changed() {
        moved = true;
        merge();
        listeners.forEach(Runnable::run);
    }

    private synchronized void merge() {
        Map<String, List<X509Certificate>> all = new TreeMap<>();
        for (Supplier<Map<String, List<X509Certificate>>> source : bundleSources) {
            source.get()
                    .forEach((domain, anchors) -> {
                        List<X509Certificate> of =
                                all.computeIfAbsent(domain, _ -> new ArrayList<>());
                        anchors.stream().filter(a -> !of.contains(a)).forEach(of::add);
                    });
        }
        // The same object while nothing changed: what is remembered by it stays remembered.
        if (!all.equals(bundles)) {
            bundles = all;
            internal.believe.accept(all);
        }
    }

    /** Who a process is to the others. */
    WorkloadId id(String process) {
        return Optional.ofNullable(ids.get(process)).orElseThrow();
    }

    /** What a process shows the others now, and whom it believes. */
    TlsIdentity shown(String process) {
        TlsIdentity current = Optional.ofNullable(sources.get(process)).orElseThrow().current();
        boolean takenBack = current.trust().isEmpty();
        return takenBack ? current : listening(current);
    }

    /** The same identity, judging its peers by everything that is believed. */
    TlsIdentity listening(TlsIdentity identity) {
        return new TlsIdentity(identity.key(), identity.chain(), identity.trust(), bundles);
    }

    /** Anchors of every trust domain that is believed; the same object until they change. */
    Map<String, List<X509Certificate>> bundles() {
        return bundles;
    }

    /**
     * Runs {@code listener} after every change, on a thread of whoever noticed; once now when there
     * has been a change already.
     */
    void onChange(Runnable listener) {
        listeners.add(listener);
        if (moved) {
            listener.run();
        }
    }

    @Override
    public void close() {
        owned.close();
    }
}
