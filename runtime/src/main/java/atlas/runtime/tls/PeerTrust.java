package atlas.runtime.tls;

import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Judges a peer's chain: PKIX to one of our anchors, the purpose in the extended key usage, and for
 * servers the identity that was expected. Nothing else is trusted, not even the system's roots.
 */
public final class PeerTrust extends X509ExtendedTrustManager {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final int MAX_CHAIN = 6;
    private static final String SPIFFE = "spiffe://";
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final int IP = 7;

    private final List<X509Certificate> common;
    private final Map<String, List<X509Certificate>> bundles;
    private final Optional<String> expectedUri;
    private final Optional<String> expectedHost;

    private PeerTrust(
            List<X509Certificate> anchors,
            Map<String, List<X509Certificate>> bundles,
            Optional<String> expectedUri,
            Optional<String> expectedHost) {
        this.common = List.copyOf(anchors);
        this.bundles = Map.copyOf(bundles);
        this.expectedUri = expectedUri;
        this.expectedHost = expectedHost;
    }

    /**
     * Judges clients.
     *
     * @param bundles anchors by trust domain; where there are any, a client must be a workload of
     *     one of these domains and is judged by that domain's bundle alone
     */
    public static PeerTrust ofClients(
            List<X509Certificate> anchors, Map<String, List<X509Certificate>> bundles) {
        return new PeerTrust(anchors, bundles, Optional.empty(), Optional.empty());
    }

    /** Judges one server, known by its SPIFFE ID. */
    public static PeerTrust ofWorkload(
            List<X509Certificate> anchors, Map<String, List<X509Certificate>> bundles, String uri) {
        return new PeerTrust(anchors, bundles, Optional.of(uri), Optional.empty());
    }

    /** Judges one server, known by its host name or address literal. */
    public static PeerTrust ofHost(List<X509Certificate> anchors, String host) {
        return new PeerTrust(anchors, Map.of(), Optional.empty(), Optional.of(host));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        checkChain(chain, CLIENT_AUTH);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        checkChain(chain, SERVER_AUTH);
        checkName(chain[0]);
    }

    private void checkChain(X509Certificate[] chain, String purpose) throws CertificateException {
        if (chain.length == 0 || chain.length > MAX_CHAIN) {
            throw new CertificateException("the certificate chain is empty or too long");
        }
        X509Certificate leaf = chain[0];
        List<String> purposes = leaf.getExtendedKeyUsage();
        if (purposes == null || !purposes.contains(purpose)) {
            throw new CertificateException("the certificate is not for this purpose");
        }
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[0]) {
            throw new CertificateException("the certificate's key is not for signatures");
        }
        if (leaf.getBasicConstraints() >= 0) {
            throw new CertificateException("an authority's own certificate is not a peer");
        }
        List<X509Certificate> anchors = anchorsFor(leaf);
        try {
            Set<TrustAnchor> trusted = new HashSet<>();
            for (X509Certificate anchor : anchors) {
                trusted.add(new TrustAnchor(anchor, null));
            }
            PKIXParameters parameters = new PKIXParameters(trusted);
            parameters.setRevocationEnabled(false);
            CertPath path =
                    CertificateFactory.getInstance("X.509")
                            .generateCertPath(withoutAnchor(chain, anchors));
            var unused = CertPathValidator.getInstance("PKIX").validate(path, parameters);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the certificate does not lead to a trusted root", e);
        }
    }

    /** Workload API §4.6: the bundle of the trust domain that the peer says it belongs to. */
    private List<X509Certificate> anchorsFor(X509Certificate leaf) throws CertificateException {
        if (bundles.isEmpty()) {
            return common;
        }
        List<String> uris = names(leaf, URI);
        String uri = uris.size() == 1 ? uris.getFirst() : "";
        int slash = uri.indexOf('/', SPIFFE.length());
        List<X509Certificate> anchors =
                uri.startsWith(SPIFFE) && slash > 0
                        ? bundles.get(uri.substring(SPIFFE.length(), slash))
                        : null;
        if (anchors == null) {
            throw new CertificateException("the peer is of no trust domain that is known");
        }
        return anchors;
    }

    /** Peers may send the root as well; PKIX wants the path below it. */
    private static List<X509Certificate> withoutAnchor(
            X509Certificate[] chain, List<X509Certificate> anchors) {
        int length = chain.length;
        while (length > 1 && anchors.contains(chain[length - 1])) {
            length--;
        }
        return List.of(chain).subList(0, length);
    }

    private void checkName(X509Certificate leaf) throws CertificateException {
        if (expectedUri.isPresent()) {
            // X.509-SVID §2: exactly one URI, and it is the identity.
            List<String> uris = names(leaf, URI);
            if (uris.size() != 1 || !uris.getFirst().equals(expectedUri.get())) {
                throw new CertificateException("the peer is not `" + expectedUri.get() + "`");
            }
        } else if (expectedHost.isPresent()) {
            if (!hostMatches(leaf, expectedHost.get())) {
                throw new CertificateException("the peer is not `" + expectedHost.get() + "`");
            }
        } else {
            throw new CertificateException("no server is expected here");
        }
    }

    private static boolean hostMatches(X509Certificate leaf, String host)
            throws CertificateException {
        String wanted = host.toLowerCase(Locale.ROOT);
        if (literal(wanted)) {
            for (String address : names(leaf, IP)) {
                if (sameAddress(address, wanted)) {
                    return true;
                }
            }
            return false;
        }
        for (String name : names(leaf, DNS)) {
            String pattern = name.toLowerCase(Locale.ROOT);
            int dot = wanted.indexOf('.');
            boolean wildcard =
                    pattern.startsWith("*.")
                            && dot > 0
                            && pattern.indexOf('.', 2) > 0
                            && wanted.substring(dot).equals(pattern.substring(1));
            if (wildcard || pattern.equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static boolean literal(String host) {
        if (host.indexOf(':') >= 0) {
            return true;
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c != '.' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameAddress(String one, String other) {
        try {
            return InetAddress.ofLiteral(one).equals(InetAddress.ofLiteral(other));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static List<String> names(X509Certificate leaf, int kind) throws CertificateException {
        Collection<List<?>> all = leaf.getSubjectAlternativeNames();
        if (all == null) {
            return List.of();
        }
        return all.stream()
                .filter(name -> name.get(0) instanceof Integer type && type == kind)
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, type);
    }

    /** The anchors' names would tell a stranger whom we trust; the list sent is empty. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
