package atlas.runtime.svid;

import atlas.core.WorkloadId;
import atlas.runtime.http.TlsIdentity;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SPIFFE Workload API: identities and bundles pushed over one stream for as long as the process
 * lives. Each message replaces everything before it; a message that cannot be used is dropped whole
 * and told. A lost agent changes nothing, and is called again with growing patience; an agent that
 * says this process is entitled to nothing takes everything back. Thread-safe.
 */
public final class WorkloadApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkloadApi.class);
    private static final String FETCH = "/SpiffeWorkloadAPI/FetchX509SVID";
    private static final String SCHEME = "spiffe://";
    private static final int UNKNOWN = 2;
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final Path socket;
    private final ScheduledExecutorService work =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("workload-api").factory());
    private final Listeners listeners = new Listeners();
    private final Map<String, Source> sources = new ConcurrentHashMap<>();
    private volatile State state = new State(Map.of(), Map.of());
    private volatile boolean heard;
    private volatile String trouble = "nothing has come yet";
    private @Nullable GrpcStream stream; // the worker's
    private Duration wait = FIRST_WAIT; // the worker's
    private boolean closed; // the worker's

    /** All that one message said. */
    private record State(
            Map<String, TlsIdentity> byId, Map<String, List<X509Certificate>> bundles) {}

    private WorkloadApi(Path socket) {
        this.socket = socket;
    }

    /** Calls the agent behind a unix socket and goes on doing so until closed. */
    public static WorkloadApi open(Path socket) {
        WorkloadApi api = new WorkloadApi(socket);
        api.work.execute(api::call);
        return api;
    }

    /**
     * The identity with this SPIFFE ID; waits for the agent's first word.
     *
     * @throws SvidException when the agent does not give it in time; says what it gives instead
     */
    public SvidSource await(WorkloadId id, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (listeners) {
            while (!state.byId().containsKey(id.uri()) && System.nanoTime() - end < 0) {
                long left = (end - System.nanoTime()) / 1_000_000;
                listeners.wait(Math.max(1, left));
            }
        }
        TlsIdentity identity = state.byId().get(id.uri());
        if (identity == null) {
            throw new SvidException(
                    "the workload API at `%s` gave no identity `%s`: %s"
                            .formatted(
                                    socket,
                                    id,
                                    heard ? "it gives " + state.byId().keySet() : trouble));
        }
        return sources.computeIfAbsent(id.uri(), key -> new Source(key, identity));
    }

    /** Trust anchors by trust domain, our own included; the same object until they change. */
    public Map<String, List<X509Certificate>> bundles() {
        return state.bundles();
    }

    /** Runs {@code listener} after every change, on a thread of its own kind. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void call() {
        if (closed) {
            return;
        }
        try {
            stream = open();
        } catch (RuntimeException e) {
            // Nobody else calls again.
            lost(UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    private GrpcStream open() {
        return GrpcStream.open(
                socket,
                FETCH,
                new GrpcStream.Listener() {
                    @Override
                    public void message(byte[] message) {
                        later(() -> take(message));
                    }

                    @Override
                    public void ended(int status, String why) {
                        later(() -> lost(status, why));
                    }
                });
    }

    private void later(Runnable task) {
        try {
            work.execute(task);
        } catch (RejectedExecutionException e) {
            // Closed in the meantime; nobody wants to know.
            return;
        }
    }

    private void take(byte[] message) {
        try {
            State next = state(SvidResponse.read(message));
            wait = FIRST_WAIT;
            heard = true;
            become(next);
        } catch (SvidException e) {
            trouble = String.valueOf(e.getMessage());
            LOG.atError().addKeyValue("why", trouble).log("message of the workload API dropped");
        } catch (RuntimeException e) {
            trouble = "a message that cannot be read";
            LOG.atError().setCause(e).log("message of the workload API dropped");
        }
    }

    private void become(State next) {
        boolean same = next.bundles().equals(state.bundles());
        // The same object while nothing changed: whoever remembers verdicts compares by it.
        state = same ? new State(next.byId(), state.bundles()) : next;
        // All of them first: who hears of one may look at another.
        List<Source> moved = sources.values().stream().filter(Source::follow).toList();
        synchronized (listeners) {
            listeners.notifyAll();
        }
        moved.forEach(source -> source.own.tell());
        listeners.tell();
    }

    private void lost(int status, String why) {
        if (closed) {
            return;
        }
        trouble = "status " + status + (why.isEmpty() ? "" : ", " + why);
        boolean refused = status == GrpcStream.PERMISSION_DENIED;
        LOG.atWarn().addKeyValue("why", trouble).log("workload API gone; called again soon");
        if (refused && heard) {
            // §5.2.1: what is redacted is not used any longer.
            become(new State(Map.of(), Map.of()));
        }
        work.schedule(this::call, wait.toMillis(), TimeUnit.MILLISECONDS);
        Duration doubled = wait.multipliedBy(2);
        boolean misused = status == GrpcStream.INVALID_ARGUMENT;
        wait = misused || doubled.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : doubled;
    }

    private static State state(SvidResponse response) {
        Map<String, List<X509Certificate>> bundles = new HashMap<>();
        response.federated()
                .forEach((name, bundle) -> bundles.put(domain(name), anchors(name, bundle)));
        for (SvidResponse.Entry entry : response.svids()) {
            bundles.put(domain(entry.spiffeId()), anchors(entry.spiffeId(), entry.bundle()));
        }
        Map<String, List<X509Certificate>> all = Map.copyOf(bundles);
        Map<String, TlsIdentity> byId = new HashMap<>();
        for (SvidResponse.Entry entry : response.svids()) {
            byId.putIfAbsent(entry.spiffeId(), identity(entry, all));
        }
        return new State(Map.copyOf(byId), all);
    }

    private static TlsIdentity identity(
            SvidResponse.Entry entry, Map<String, List<X509Certificate>> bundles) {
        String what = "the identity `" + entry.spiffeId() + "`";
        List<X509Certificate> chain = Credentials.certificates(entry.chain(), what);
        WorkloadId id = Credentials.idOf(chain.getFirst(), what);
        if (!id.uri().equals(entry.spiffeId())) {
            throw new SvidException(what + " has a certificate for `" + id + "`");
        }
        return new TlsIdentity(
                Credentials.key(entry.key(), chain.getFirst(), what),
                chain,
                Objects.requireNonNull(bundles.get(id.trustDomain())),
                bundles);
    }

    private static List<X509Certificate> anchors(String name, byte[] bundle) {
        return Credentials.certificates(bundle, "the trust bundle of `" + name + "`");
    }

    /** The trust domain of a SPIFFE ID, which may be that of the domain itself. */
    private static String domain(String id) {
        if (!id.startsWith(SCHEME)) {
            throw new SvidException("not a SPIFFE ID: `" + id + "`");
        }
        int slash = id.indexOf('/', SCHEME.length());
        String domain =
                slash < 0 ? id.substring(SCHEME.length()) : id.substring(SCHEME.length(), slash);
        try {
            return new WorkloadId(domain, "/any").trustDomain();
        } catch (IllegalArgumentException e) {
            throw new SvidException("not a SPIFFE ID: `" + id + "`", e);
        }
    }

    @Override
    public void close() {
        later(() -> {
            closed = true;
            if (stream != null) {
                stream.close();
            }
        });
        work.shutdown();
    }

    /** One of the identities, followed through its rotations. */
    private final class Source implements SvidSource {
        private final String id;
        private final Listeners own = new Listeners();
        private volatile TlsIdentity current;

        Source(String id, TlsIdentity first) {
            this.id = id;
            this.current = first;
        }

        /** Takes up what the state says now; true when that is something else. */
        private boolean follow() {
            TlsIdentity next = state.byId().get(id);
            TlsIdentity before = current;
            current = next == null ? before.believingNobody() : next;
            return !current.chain().equals(before.chain())
                    || !current.bundles().equals(before.bundles());
        }

        @Override
        public TlsIdentity current() {
            return current;
        }

        @Override
        public Map<String, List<X509Certificate>> bundles() {
            return state.bundles();
        }

        @Override
        public void onChange(Runnable listener) {
            own.add(listener);
        }

        @Override
        public void close() {
            sources.remove(id);
        }
    }
}
