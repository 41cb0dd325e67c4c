package atlas.segmentation.probe;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.Policies;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.Transport;
import atlas.segmentation.probe.Attempt.Agreement;
import atlas.segmentation.probe.Attempt.Found;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProberTest {
    private static Attempt attempt(Transport transport, int port, boolean allowed) {
        return new Attempt("here", "127.0.0.1", transport, port, allowed, true);
    }

    @Test
    void whoAnswersAndWhoRefusesWereReached() throws Exception {
        int port;
        try (DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Attempt open = attempt(Transport.TCP, server.getLocalPort(), true);
            Attempt refusedTcp = attempt(Transport.TCP, 1, false);
            Attempt refusedUdp = attempt(Transport.UDP, port, false);

            var found =
                    new Prober(Duration.ofSeconds(30)).run(List.of(open, refusedTcp, refusedUdp));

            assertThat(found)
                    .containsEntry(open, Found.ANSWERED)
                    .containsEntry(refusedTcp, Found.REFUSED)
                    .containsEntry(refusedUdp, Found.REFUSED);
            assertThat(open.compare(Found.ANSWERED)).isEqualTo(Agreement.AGREES);
            assertThat(refusedTcp.compare(Found.REFUSED)).isEqualTo(Agreement.DIFFERS);
        }
    }

    @Test
    void silenceIsADenialButNoProofOfOne() {
        Attempt allowed = attempt(Transport.TCP, 443, true);
        assertThat(allowed.compare(Found.SILENT)).isEqualTo(Agreement.DIFFERS);
        assertThat(allowed.compare(Found.UNREACHABLE)).isEqualTo(Agreement.UNDECIDED);
        assertThat(attempt(Transport.UDP, 53, true).compare(Found.SILENT))
                .isEqualTo(Agreement.UNDECIDED);
        assertThat(attempt(Transport.UDP, 53, false).compare(Found.SILENT))
                .isEqualTo(Agreement.AGREES);
    }

    @Test
    void everySegmentIsTriedInBothFamiliesButThisMachine() throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/full.yaml"));
        List<Attempt> attempts =
                Matrix.from(
                        graph,
                        graph.segment("inference").orElseThrow(),
                        Map.of("external", List.of("192.0.2.1")),
                        List.of(3389),
                        List.of("10.77.2.1", "fd77:2:0:0:0:0:0:1"));
        assertThat(attempts).noneMatch(attempt -> attempt.to().equals("inference_subnet"));
        assertThat(attempts.stream().map(Attempt::address))
                .contains("10.77.3.1", "fd77:3::1", "10.77.7.53", "192.0.2.1");
        assertThat(attempts.stream().filter(Attempt::allowed).map(Attempt::port))
                .containsExactly(8443, 8443, 123, 123);
        assertThat(attempts).anyMatch(attempt -> attempt.port() == 3389);
    }
}
