package atlas.runtime.http;

import atlas.runtime.wire.Http1Client;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one upstream, idle ones by event loop. A call first looks on its own loop; when no
 * more may be opened it takes one from another. Who waits longest is served first.
 */
final class ConnectionPool implements Http1Client.Owner {
    /** Opens a connection and blocks until it is usable. */
    interface Opener {
        Http1Client open(EventLoop loop) throws UpstreamException;
    }

    private final String name;
    private final int max;
    private final Opener opener;
    private final Semaphore permits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<EventLoop, Deque<Http1Client>> idle = new IdentityHashMap<>(); // lock
    private final Map<Http1Client, Integer> leased = new IdentityHashMap<>(); // lock, generation
    private int connections; // lock, open or being opened
    private int generation; // lock, that of every idle connection
    private boolean closed; // lock

    ConnectionPool(String name, int max, Opener opener) {
        this.name = name;
        this.max = max;
        this.opener = opener;
        this.permits = new Semaphore(max, true);
    }

    Http1Client lease(EventLoop loop, long patienceNanos) throws UpstreamException {
        try {
            if (!permits.tryAcquire(patienceNanos, TimeUnit.NANOSECONDS)) {
                throw new UpstreamException(
                        UpstreamException.Kind.POOL_EXHAUSTED,
                        "all " + max + " connections to `" + name + "` are in use");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException(
                    UpstreamException.Kind.POOL_EXHAUSTED,
                    "interrupted while waiting for a connection to `" + name + "`");
        }
        boolean leasing = false;
        try {
            Http1Client client = take(loop);
            if (client == null) {
                client = openNew(loop);
            }
            leasing = true;
            return client;
        } finally {
            if (!leasing) {
                permits.release();
            }
        }
    }

    private @Nullable Http1Client take(EventLoop loop) throws UpstreamException {
        lock.lock();
        try {
            if (closed) {
                throw new UpstreamException(
                        UpstreamException.Kind.CLOSED, "`" + name + "` has been closed");
            }
            Deque<Http1Client> near = idle.get(loop);
            Http1Client client = near == null ? null : near.pollLast();
            if (client == null && connections >= max) {
                client = takeAnywhere();
            }
            if (client == null) {
                connections++;
            } else {
                leased.put(client, generation);
            }
            return client;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Http1Client takeAnywhere() {
        for (Deque<Http1Client> deque : idle.values()) {
            Http1Client client = deque.pollLast();
            if (client != null) {
                return client;
            }
        }
        return null;
    }

    private Http1Client openNew(EventLoop loop) throws UpstreamException {
        int madeIn = generation();
        boolean opened = false;
        try {
            Http1Client client = opener.open(loop);
            lock.lock();
            try {
                leased.put(client, madeIn);
            } finally {
                lock.unlock();
            }
            opened = true;
            return client;
        } finally {
            if (!opened) {
                lock.lock();
                try {
                    connections--;
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    @Override
    public void free(Http1Client client) {
        boolean keep;
        lock.lock();
        try {
            Integer madeIn = leased.remove(client);
            if (madeIn == null) {
                return;
            }
            keep = !closed && madeIn == generation;
            if (!keep) {
                connections--;
            } else {
                idle.computeIfAbsent(client.loop(), _ -> new ArrayDeque<>()).add(client);
            }
        } finally {
            lock.unlock();
        }
        permits.release();
        if (!keep) {
            client.close();
        }
    }

    @Override
    public void closed(Http1Client client) {
        boolean wasLeased;
        lock.lock();
        try {
            wasLeased = leased.remove(client) != null;
            Deque<Http1Client> deque = idle.get(client.loop());
            boolean wasIdle = deque != null && deque.remove(client);
            if (wasLeased || wasIdle) {
                connections--;
            }
        } finally {
            lock.unlock();
        }
        if (wasLeased) {
            permits.release();
        }
    }

    private int generation() {
        lock.lock();
        try {
            return generation;
        } finally {
            lock.unlock();
        }
    }

    int open() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    int inUse() {
        return max - permits.availablePermits();
    }

    /** No call from now on uses a connection opened before now. */
    void renew() {
        lock.lock();
        try {
            generation++;
            closeIdle();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            closeIdle();
        } finally {
            lock.unlock();
        }
    }

    private void closeIdle() {
        for (Deque<Http1Client> deque : idle.values()) {
            connections -= deque.size();
            for (Http1Client client : deque) {
                client.loop().execute(client::close);
            }
            deque.clear();
        }
    }
}
