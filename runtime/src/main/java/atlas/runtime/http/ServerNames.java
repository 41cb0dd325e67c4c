package atlas.runtime.http;

import java.security.cert.CertificateParsingException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The names and addresses a server answers to: those its certificate carries, as a client that
 * checked the certificate can have asked for no others. Immutable.
 */
final class ServerNames {
    private static final int DNS = 2;
    private static final int IP = 7;

    private final Set<String> names;

    private ServerNames(Set<String> names) {
        this.names = names;
    }

    static ServerNames of(TlsIdentity identity) {
        try {
            Set<String> names = new HashSet<>();
            Collection<List<?>> all = identity.chain().getFirst().getSubjectAlternativeNames();
            for (List<?> name : all == null ? List.<List<?>>of() : all) {
                if (name.get(0) instanceof Integer kind && (kind == DNS || kind == IP)) {
                    names.add(String.valueOf(name.get(1)).toLowerCase(Locale.ROOT));
                }
            }
            return new ServerNames(Set.copyOf(names));
        } catch (CertificateParsingException e) {
            throw new EdgeException("the names in the TLS certificate cannot be read", e);
        }
    }

    /** Whether a canonical host is one of them; {@code *.} stands for one label. */
    boolean cover(String host) {
        if (names.contains(host)) {
            return true;
        }
        int dot = host.indexOf('.');
        return dot > 0 && names.contains("*" + host.substring(dot));
    }
}
