package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.runtime.http.Egress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnSegmentTest {
    @TempDir Path temp;

    private OwnSegment gateway() throws IOException {
        return OwnSegment.of(settings("gateway_subnet", "")).orElseThrow();
    }

    private Settings settings(String segment, String more) throws IOException {
        Path policy = temp.resolve("policy.yaml");
        Files.copy(
                Path.of("../examples/network/policy.yaml"),
                policy,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Path file = temp.resolve("atlas.yaml");
        Files.writeString(
                file, "network:\n  policy: policy.yaml\n  segment: " + segment + "\n" + more);
        return new Settings(Optional.of(file));
    }

    private static InetSocketAddress to(String address, int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(address), port);
    }

    @Test
    void connectsWhereThePolicyLetsItByAddressAndNotByName() throws Exception {
        Egress egress = gateway().egress();
        assertThat(egress.permits(to("10.77.2.9", 9445))).isTrue();
        assertThat(egress.permits(to("fd77:2::9", 9445))).isTrue();
        assertThat(egress.permits(to("::ffff:10.77.2.9", 9445))).isTrue();
        assertThat(egress.permits(to("10.77.2.9", 443))).isFalse();
        assertThat(egress.permits(to("::ffff:10.77.3.9", 8443))).isFalse();
        assertThat(egress.permits(to("1.1.1.1", 9445))).isFalse();
        assertThat(egress.permits(to("169.254.169.254", 80))).isFalse();
        assertThat(egress.permits(to("127.0.0.1", 1))).isTrue();
        assertThat(egress.permits(InetSocketAddress.createUnresolved("node", 9445))).isFalse();
    }

    @Test
    void theInterfaceOfAnAddressDoesNotMakeItAnother() throws Exception {
        byte[] link = InetAddress.getByName("fe80::1").getAddress();
        InetAddress scoped = java.net.Inet6Address.getByAddress("", link, 1);
        assertThat(scoped.getHostAddress()).contains("%");
        assertThat(gateway().egress().permits(new InetSocketAddress(scoped, 9445))).isFalse();
    }

    @Test
    void listensAtAddressesOfItsSegmentOnPortsThatSomebodyMayReach() throws Exception {
        OwnSegment gateway = gateway();
        assertThatCode(() -> gateway.bind("k", "10.77.1.2", 8443)).doesNotThrowAnyException();
        assertThatCode(() -> gateway.bind("k", "127.0.0.1", 1234)).doesNotThrowAnyException();
        assertThatThrownBy(() -> gateway.bind("k", "0.0.0.0", 8443))
                .isInstanceOf(Stop.class)
                .hasMessageContaining("every address of this machine");
        assertThatThrownBy(() -> gateway.bind("k", "::", 8443)).isInstanceOf(Stop.class);
        assertThatThrownBy(() -> gateway.bind("k", "10.77.2.2", 8443))
                .hasMessageContaining("is of `inference_subnet`");
        assertThatThrownBy(() -> gateway.bind("k", "10.77.1.2", 22))
                .hasMessageContaining("lets nobody reach `gateway_subnet` on tcp/22");
    }

    @Test
    void aRoleThatWouldListenElsewhereDoesNotStart() throws Exception {
        settings("gateway_subnet", "gateway:\n  listen-address: 0.0.0.0\n");
        String file = temp.resolve("atlas.yaml").toString();
        Shell.Said serve =
                Shell.run("serve", "gateway", "-c", file, "--home", temp.resolve("h").toString());
        assertThat(serve.status()).isEqualTo(Main.USAGE);
        assertThat(serve.err()).contains("`gateway.listen-address`: `0.0.0.0`");
        Shell.Said up = Shell.run("up", "--config", file, "--home", temp.resolve("h").toString());
        assertThat(up.status()).isEqualTo(Main.USAGE);
        assertThat(up.err()).contains("run `atlas serve`");
        assertThat(temp.resolve("h")).doesNotExist();
    }

    @Test
    void aSegmentThatIsNotThereIsFoundByConfigCheck() throws Exception {
        assertThat(settings("gatway_subnet", "").problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.message()).contains("did you mean `gateway_subnet`?"));
        assertThat(settings("inference", "").problems()).isEmpty();
    }
}
