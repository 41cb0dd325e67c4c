package atlas.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Where a process listens, as the kernel says and not as it says itself. */
final class Ports {
    private static final int LISTENING_COLUMN = 3;
    private static final int INODE_COLUMN = 9;

    private Ports() {}

    /** The TCP ports a process listens at; empty where the system does not say. */
    static Set<Integer> of(long pid) throws IOException {
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
            for (Path file : files.toList()) {
                try {
                    String target = Files.readSymbolicLink(file).toString();
                    if (target.startsWith("socket:[")) {
                        sockets.add(target.substring(8, target.length() - 1));
                    }
                } catch (IOException closedMeanwhile) {
                    continue;
                }
            }
        } catch (IOException undumpable) {
            // Only root may look into a process that refuses to be looked into.
            return new TreeSet<>();
        }
        Set<Integer> ports = new TreeSet<>();
        for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.strip().split("\\s+");
                if (columns[LISTENING_COLUMN].equals("0A")
                        && sockets.contains(columns[INODE_COLUMN])) {
                    String address = columns[1];
                    ports.add(Integer.parseInt(address.substring(address.indexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    /** Plaintext gets an alert or nothing, TLS 1.2 is refused, and TLS 1.3 is spoken. */
    static void assertTlsOnly(int port) throws Exception {
        for (String said :
                new String[] {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "SSH-2.0-x\r\n", "EHLO x\r\n"}) {
            byte[] answer = answer(port, said.getBytes(US_ASCII));
            boolean alert = answer.length == 7 && answer[0] == 21 && answer[1] == 3;
            assertThat(answer.length == 0 || alert)
                    .as("port %d answers `%s` with `%s`", port, said, new String(answer, US_ASCII))
                    .isTrue();
        }
        assertThat(spoken(port, "TLSv1.2")).as("TLS 1.2 at %d", port).isEmpty();
        assertThat(spoken(port, "TLSv1.3")).as("TLS 1.3 at %d", port).isEqualTo("TLSv1.3");
    }

    private static byte[] answer(int port, byte[] said) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(said);
            return socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            return new byte[0];
        }
    }

    private static String spoken(int port, String protocol) throws Exception {
        try (SSLSocket socket =
                (SSLSocket) anybody().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            return socket.getSession().getProtocol();
        } catch (SSLException | SocketException refused) {
            return "";
        }
    }

    // Who it is does not matter here, only how it speaks.
    private static SSLContext anybody() throws GeneralSecurityException {
        X509TrustManager all =
                new X509TrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type) {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type) {
                        assertThat(chain).isNotEmpty();
                    }

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {all}, null);
        return context;
    }
}
