package atlas.cli;

import atlas.control.ControlParts.OwnSvid;
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

    private final Consumer<Map<String, List<X509Certificate>>> believe;
    private final Lifecycle owned = new Lifecycle();
    private final Map<String, SvidSource> sources = new TreeMap<>();
    private final Map<String, WorkloadId> ids = new TreeMap<>();
    private final List<Supplier<Map<String, List<X509Certificate>>>> bundleSources =
            new ArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Map<String, List<X509Certificate>> bundles = Map.of();
    private volatile boolean moved;

    /**
     * Which processes want an identity here.
     *
     * @param paths of their SPIFFE IDs, by process
     */
    private record Wanted(Map<String, String> paths) {
        static Wanted all() {
            Map<String, String> paths = new TreeMap<>();
            PROCESSES.forEach(process -> paths.put(process, "/" + process));
            return new Wanted(paths);
        }

        static Wanted one(String process, String path) {
            return new Wanted(Map.of(process, path));
        }

        WorkloadId id(String process, String trustDomain) {
            return new WorkloadId(
                    trustDomain, Optional.ofNullable(paths.get(process)).orElseThrow());
        }
    }

    private WorkloadIdentities(Consumer<Map<String, List<X509Certificate>>> believe) {
        this.believe = believe;
    }

    /**
     * Of the three processes of an installation in one; blocks until each has an identity.
     *
     * @throws Stop when one cannot be had
     */
    static WorkloadIdentities ofAll(IdentityConfig config, TrustRoot trust) {
        return open(config, Wanted.all(), trust::believe, identities -> identities.rest(trust));
    }

    /** As the control plane of its own sees it; one SVID at the most, its own. */
    static WorkloadIdentities ofControl(IdentityConfig config, TrustRoot trust) {
        return open(
                config,
                Wanted.one("control", "/control"),
                trust::believe,
                identities -> identities.root(trust.trustDomain(), trust.rootCertificate()));
    }

    /**
     * As a gateway or node of its own sees it, before it has a home; {@link #joined} says the rest.
     *
     * @param name its own among those of its role; of use with an SVID alone
     */
    static WorkloadIdentities ofServed(IdentityConfig config, String role, Optional<String> name) {
        if (hasOwn(config, role) && name.isEmpty()) {
            throw Stop.usage(
                    "a "
                            + role
                            + " with an SVID of its own is known by its SPIFFE ID; say"
                            + " `link.control` and `link.name`");
        }
        if (!hasOwn(config, role) && name.isPresent()) {
            throw Stop.usage(
                    "`link.control` and `link.name` are for a "
                            + role
                            + " with an SVID of its own; say `identity.workload-api` or"
                            + " `identity.svid-files`, or take them out and join with a token");
        }
        String path = "/" + role + "/" + name.orElse("none");
        return open(config, Wanted.one(role, path), _ -> {}, _ -> {});
    }

    private static boolean hasOwn(IdentityConfig config, String process) {
        return config.workloadApi().isPresent()
                || config.svidFiles().stream().anyMatch(f -> f.process().equals(process));
    }

    private static WorkloadIdentities open(
            IdentityConfig config,
            Wanted wanted,
            Consumer<Map<String, List<X509Certificate>>> believe,
            Consumer<WorkloadIdentities> rest) {
        WorkloadIdentities identities = new WorkloadIdentities(believe);
        boolean opened = false;
        try {
            identities.fill(config, wanted);
            rest.accept(identities);
            identities.sameDomain();
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

    private void fill(IdentityConfig config, Wanted wanted) {
        config.workloadApi().ifPresent(api -> ask(api, wanted));
        config.svidFiles().stream()
                .filter(files -> wanted.paths.containsKey(files.process()))
                .forEach(files -> read(files, wanted));
        Map<String, Path> files = new HashMap<>();
        config.trustBundles().forEach(bundle -> files.put(bundle.trustDomain(), bundle.file()));
        if (!files.isEmpty()) {
            BundleFiles others = owned.own(BundleFiles.open(files, LOOK_EVERY));
            bundleSources.add(others::bundles);
            others.onChange(this::changed);
        }
        merge();
    }

    /** Processes of an installation in one that have no identity yet get the authority's. */
    private void rest(TrustRoot trust) {
        root(trust.trustDomain(), trust.rootCertificate());
        for (String process : PROCESSES) {
            if (!sources.containsKey(process)) {
                use(
                        process,
                        new WorkloadId(trust.trustDomain(), "/" + process),
                        SvidSource.issuedBy(() ->
                                process.equals("node")
                                        ? trust.server(process)
                                        : trust.workload(process)));
            }
        }
    }

    /** Believes the workloads of the control plane's own authority as well. */
    void joined(WorkloadHome home) {
        X509Certificate root = home.server().trust().getFirst();
        root(home.authority(), root);
    }

    private synchronized void root(String trustDomain, X509Certificate root) {
        Map<String, List<X509Certificate>> own = Map.of(trustDomain, List.of(root));
        bundleSources.addFirst(() -> own);
        merge();
    }

    private void sameDomain() {
        if (ids.values().stream().map(WorkloadId::trustDomain).distinct().count() > 1) {
            throw new SvidException(
                    "gateway, node and control must be of one trust domain, not " + ids.values());
        }
    }

    private void ask(IdentityConfig.WorkloadApi config, Wanted wanted) {
        WorkloadApi api = owned.own(WorkloadApi.open(config.socket()));
        try {
            for (String process : wanted.paths.keySet()) {
                WorkloadId id = wanted.id(process, config.trustDomain());
                use(process, id, owned.own(api.await(id, config.patience().orElse(PATIENCE))));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SvidException("interrupted while waiting for the workload API", e);
        }
        bundleSources.add(api::bundles);
        api.onChange(this::changed);
    }

    private void read(IdentityConfig.SvidFiles files, Wanted wanted) {
        FileSvids source =
                FileSvids.open(files.certificate(), files.key(), files.bundle(), LOOK_EVERY);
        owned.own(source);
        String domain = source.bundles().keySet().iterator().next();
        WorkloadId id = wanted.id(files.process(), domain);
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
            believe.accept(all);
        }
    }

    /** Who a process is to the others. */
    WorkloadId id(String process) {
        return Optional.ofNullable(ids.get(process)).orElseThrow();
    }

    /** The SVID a process got from files or an agent; none where it has the authority's. */
    Optional<OwnSvid> own(String process) {
        return Optional.ofNullable(ids.get(process))
                .map(id -> new OwnSvid(id, () -> shown(process)));
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
