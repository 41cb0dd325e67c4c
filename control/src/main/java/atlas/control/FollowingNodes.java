package atlas.control;

import atlas.control.api.NodeDoor;
import atlas.control.enrol.Workload;
import atlas.control.link.Followers;
import atlas.control.link.Followers.Follower;
import atlas.core.ModelRef;
import atlas.core.json.Json;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Every node that follows now, asked one after the other where it says that it listens: a version
 * goes in front of callers when each of them holds it. Each is recognised by its own SPIFFE ID.
 * Thread-safe; blocks until all have answered.
 */
final class FollowingNodes implements NodeDoor, AutoCloseable {
    private final Followers followers;
    private final String trustDomain;
    private final Supplier<TlsIdentity> identity;
    private final Map<String, Link> links = new HashMap<>(); // under the lock of this

    private record Link(String host, int port, Upstream upstream) {}

    FollowingNodes(Followers followers, String trustDomain, Supplier<TlsIdentity> identity) {
        this.followers = followers;
        this.trustDomain = trustDomain;
        this.identity = identity;
    }

    @Override
    public Answer load(ModelRef model) {
        return each(node -> node.load(model));
    }

    @Override
    public Answer unload(ModelRef model) {
        return each(node -> node.unload(model));
    }

    @Override
    public Answer status() {
        return each(RemoteNode::status);
    }

    private Answer each(Function<RemoteNode, Answer> ask) {
        List<Follower> nodes = followers.nodes();
        if (nodes.isEmpty()) {
            return new Answer.Unreachable("no node follows this control plane now");
        }
        List<String> said = new ArrayList<>();
        for (Follower node : nodes) {
            switch (ask.apply(new RemoteNode(upstream(node)))) {
                case Answer.Done done -> said.add(done.json());
                case Answer.Refused refused -> {
                    return new Answer.Refused(name(node) + ": " + refused.reason());
                }
                case Answer.Unreachable away -> {
                    return new Answer.Unreachable(name(node) + ": " + away.why());
                }
            }
        }
        if (said.size() == 1) {
            return new Answer.Done(said.getFirst());
        }
        byte[] all =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeArrayFieldStart("nodes");
                    for (String one : said) {
                        out.writeRawValue(one);
                    }
                    out.writeEndArray();
                    out.writeEndObject();
                });
        return new Answer.Done(new String(all, java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String name(Follower node) {
        return "node `" + node.workload().name() + "`";
    }

    private synchronized Upstream upstream(Follower node) {
        Workload workload = node.workload();
        Link there = links.get(workload.path());
        if (there != null && there.host.equals(node.host()) && there.port == node.port()) {
            return there.upstream;
        }
        if (there != null) {
            there.upstream.close();
        }
        Upstream upstream =
                Upstream.open(
                        new UpstreamConfig(
                                "node-" + workload.name(),
                                node.host(),
                                node.port(),
                                Optional.of(identity.get()),
                                Optional.of(workload.id(trustDomain)),
                                Duration.ofSeconds(5),
                                Duration.ofMinutes(10),
                                Duration.ofSeconds(60),
                                4,
                                Optional.empty()));
        links.put(workload.path(), new Link(node.host(), node.port(), upstream));
        return upstream;
    }

    /** Shows a renewed certificate from the next call on. */
    synchronized void renew() {
        TlsIdentity renewed = identity.get();
        links.values().forEach(link -> link.upstream.reload(renewed));
    }

    @Override
    public synchronized void close() {
        links.values().forEach(link -> link.upstream.close());
        links.clear();
    }
}
