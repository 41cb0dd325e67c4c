package atlas.watch;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.TokenIssued;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One key used from many networks at about the same time: it was copied, shared or stolen. */
final class KeySharingDetector implements Detector {
    static final String RULE = "key_sharing";

    private final WatchConfig.KeySharing config;
    private final Recent<String, Map<String, Seen>> keys;

    KeySharingDetector(WatchConfig.KeySharing config, int subjects) {
        this.config = config;
        this.keys = new Recent<>(subjects);
    }

    private record Seen(long time, long index) {}

    @Override
    public Optional<Signal> observe(long index, AuditEvent event, Instant when) {
        return switch (event) {
            case InferenceIntent e -> used(e.actor(), index, when);
            case InferenceDenied e -> used(e.actor(), index, when);
            case TokenIssued e -> used(e.actor(), index, when);
            case AdminAct e -> used(e.actor(), index, when);
            default -> Optional.empty();
        };
    }

    private Optional<Signal> used(Actor actor, long index, Instant when) {
        // A certificate's key is in one place by construction; "none" is Atlas itself.
        if (!actor.credentialKind().equals("api_key") && !actor.credentialKind().equals("jwt")) {
            return Optional.empty();
        }
        Optional<String> network = network(actor.source());
        if (network.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Seen> seen =
                keys.computeIfAbsent(actor.credentialId(), _ -> new LinkedHashMap<>());
        long now = when.toEpochMilli();
        // Taken out and put back, so that the order stays that of last use.
        seen.remove(network.get());
        seen.put(network.get(), new Seen(now, index));
        forget(seen, now - config.window().toMillis());
        if (seen.size() < config.networks()) {
            return Optional.empty();
        }
        List<Long> evidence = seen.values().stream().map(Seen::index).sorted().toList();
        String networks = String.join(", ", seen.keySet());
        seen.clear();
        return Optional.of(
                new Signal(
                        RULE,
                        "high",
                        "key " + actor.credentialId(),
                        actor.principal(),
                        "the key was used from %d networks within %ds (%s); fewer than %d is usual"
                                .formatted(
                                        evidence.size(),
                                        config.window().toSeconds(),
                                        networks,
                                        config.networks()),
                        evidence));
    }

    private static void forget(Map<String, Seen> seen, long oldest) {
        Iterator<Seen> order = seen.values().iterator();
        while (order.hasNext() && order.next().time < oldest) {
            order.remove();
        }
    }

    /** The IPv4 /24 or IPv6 /48 of an address; empty when it is not one. */
    static Optional<String> network(String source) {
        byte[] address;
        try {
            address = InetAddress.ofLiteral(source).getAddress();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (address.length == 4) {
            return Optional.of(
                    "%d.%d.%d.0/24"
                            .formatted(address[0] & 0xff, address[1] & 0xff, address[2] & 0xff));
        }
        return Optional.of(HexFormat.of().formatHex(address, 0, 6) + "::/48");
    }
}
