package atlas.control.posture;

import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Tries to leave, from this process and past everything of ours: to public resolvers and web
 * servers over IPv4 and IPv6, and to the metadata service of clouds. Nothing is sent.
 */
final class EgressCheck implements Check {
    private static final int PATIENCE_MILLIS = 2_000;

    /** Addresses that are always there for whoever can leave. */
    static final List<String> WORLD =
            List.of(
                    "1.1.1.1 443",
                    "8.8.8.8 53",
                    "9.9.9.9 443",
                    "2606:4700:4700::1111 443",
                    "2001:4860:4860::8888 53",
                    "169.254.169.254 80");

    private final List<String> targets;

    EgressCheck(List<String> targets) {
        this.targets = List.copyOf(targets);
    }

    @Override
    public Control control() {
        return Control.EGRESS;
    }

    @Override
    public Measurement measure(Drill drill) throws InterruptedException {
        List<Observation> seen = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> tried = new ArrayList<>();
            for (String target : targets) {
                tried.add(each.submit(() -> reached(target)));
            }
            for (int i = 0; i < targets.size(); i++) {
                boolean reached = tried.get(i).get();
                String name = targets.get(i).replace(' ', ':');
                seen.add(
                        Observation.of(
                                !reached, name + (reached ? " was reached" : " is not reached")));
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a connection is made or it is not", e);
        }
        return Measurement.of(
                control(),
                "connections to %d addresses of the world, tried from the control plane's process"
                        .formatted(targets.size()),
                seen);
    }

    private static boolean reached(String target) {
        String[] parts = target.split(" ", 2);
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(parts[0], Integer.parseInt(parts[1])), PATIENCE_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
