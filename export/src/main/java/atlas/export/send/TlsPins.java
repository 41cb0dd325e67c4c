package atlas.export.send;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who is believed to be the receiver, and as whom we appear there. Only TLS 1.3; only the pinned
 * roots, never the system's; always the name of the receiver in its certificate.
 */
public final class TlsPins {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final SSLContext context;

    private TlsPins(SSLContext context) {
        this.context = context;
    }

    /** A client certificate and its key. */
    public record Identity(PrivateKey key, List<X509Certificate> chain) {
        public Identity {
            chain = List.copyOf(chain);
        }
    }

    /**
     * Pins.
     *
     * @param roots what the receiver's certificate has to lead to; at least one
     * @throws IllegalArgumentException when they cannot be used
     */
    public static TlsPins of(List<X509Certificate> roots, Optional<Identity> identity) {
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("at least one certificate has to be trusted");
        }
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (int i = 0; i < roots.size(); i++) {
                anchors.setCertificateEntry("root-" + i, roots.get(i));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(anchors);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(
                    identity.isPresent() ? keys(identity.get()) : new KeyManager[0],
                    trust.getTrustManagers(),
                    null);
            return new TlsPins(context);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("the certificates cannot be used", e);
        }
    }

    private static KeyManager[] keys(Identity identity)
            throws GeneralSecurityException, IOException {
        // In memory, for this process: the password protects nothing.
        char[] password = new char[0];
        KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
        own.load(null, null);
        own.setKeyEntry(
                "own", identity.key(), password, identity.chain().toArray(Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, password);
        return factory.getKeyManagers();
    }

    SSLContext context() {
        return context;
    }

    /** TLS 1.3 and the receiver's name, for a client that makes its own sockets. */
    static SSLParameters parameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }

    /** A connection whose handshake is done; reads time out. */
    SSLSocket connect(String host, int port) throws IOException {
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(TIMEOUT_MILLIS);
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
            socket.setSSLParameters(parameters());
            socket.startHandshake();
            return socket;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }
}
