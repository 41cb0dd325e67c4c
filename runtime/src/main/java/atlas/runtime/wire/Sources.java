package atlas.runtime.wire;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts connections, all together and by where they come from. An IPv6 source is its /64: whoever
 * has one address there has them all. Thread-safe.
 */
final class Sources {
    private final int maxTotal;
    private final int maxPerSource;
    private final ServerCounters counters;
    private final ConcurrentHashMap<String, Integer> bySource = new ConcurrentHashMap<>();

    Sources(int maxTotal, int maxPerSource, ServerCounters counters) {
        this.maxTotal = maxTotal;
        this.maxPerSource = maxPerSource;
        this.counters = counters;
    }

    boolean enter(String source) {
        if (counters.open.incrementAndGet() > maxTotal) {
            counters.open.decrementAndGet();
            return false;
        }
        int now = bySource.merge(source, 1, Integer::sum);
        if (now > maxPerSource) {
            leave(source);
            return false;
        }
        return true;
    }

    void leave(String source) {
        bySource.computeIfPresent(source, (_, n) -> n == 1 ? null : n - 1);
        counters.open.decrementAndGet();
    }

    /** What an address counts under. */
    static String key(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            InetAddress ip = inet.getAddress();
            return ip instanceof Inet6Address
                    ? HexFormat.of().formatHex(Arrays.copyOf(ip.getAddress(), 8))
                    : ip.getHostAddress();
        }
        return "local";
    }

    /** The literal of an address, as logs and the journal show it. */
    static String literal(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            String text = inet.getAddress().getHostAddress();
            int zone = text.indexOf('%');
            return zone < 0 ? text : text.substring(0, zone);
        }
        return "local";
    }
}
