package atlas.runtime.svid;

import atlas.core.WorkloadId;
import atlas.runtime.http.TlsIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * An identity in three PEM files, as SPIFFE helpers and certificate tools write them; read again
 * whenever their content changes. Files that do not fit together, as in the middle of a rotation,
 * are not taken up, and the identity before them stays.
 */
public final class FileSvids implements SvidSource {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private final Path certificate;
    private final Path key;
    private final Path bundle;
    private final Listeners listeners = new Listeners();
    private final WatchedFiles files;
    private final WorkloadId id;
    private volatile TlsIdentity current;
    private volatile Map<String, List<X509Certificate>> bundles;

    private FileSvids(Path certificate, Path key, Path bundle, Duration every) {
        this.certificate = certificate;
        this.key = key;
        this.bundle = bundle;
        this.current = read();
        this.bundles = current.bundles();
        this.id = Credentials.idOf(current.chain().getFirst(), "`" + certificate + "`");
        this.files = new WatchedFiles(List.of(certificate, key, bundle), every, this::reload);
    }

    /**
     * Reads the files and watches them.
     *
     * @param certificate the leaf, and intermediates if any
     * @param key unencrypted PKCS #8
     * @param bundle the anchors of the leaf's own trust domain
     * @throws SvidException when they cannot be used now
     */
    public static FileSvids open(Path certificate, Path key, Path bundle, Duration every) {
        return new FileSvids(certificate, key, bundle, every);
    }

    private TlsIdentity read() {
        List<X509Certificate> chain =
                Credentials.certificates(WatchedFiles.bytes(certificate), "`" + certificate + "`");
        WorkloadId named = Credentials.idOf(chain.getFirst(), "`" + certificate + "`");
        List<X509Certificate> anchors =
                Credentials.certificates(WatchedFiles.bytes(bundle), "`" + bundle + "`");
        return new TlsIdentity(
                Credentials.key(pkcs8(), chain.getFirst(), "`" + key + "`"),
                chain,
                anchors,
                Map.of(named.trustDomain(), anchors));
    }

    /** Who this is; a certificate of somebody else is not taken up later. */
    public WorkloadId id() {
        return id;
    }

    private byte[] pkcs8() {
        String text = new String(WatchedFiles.bytes(key), StandardCharsets.ISO_8859_1);
        int from = text.indexOf(BEGIN);
        int to = text.indexOf(END, Math.max(0, from));
        if (from < 0 || to < 0) {
            throw new SvidException("`" + key + "` holds no unencrypted PKCS #8 key in PEM form");
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(from + BEGIN.length(), to));
        } catch (IllegalArgumentException e) {
            throw new SvidException("`" + key + "` is not PEM", e);
        }
    }

    private void reload() {
        TlsIdentity next = read();
        WorkloadId named = Credentials.idOf(next.chain().getFirst(), "`" + certificate + "`");
        if (!named.equals(id)) {
            throw new SvidException(
                    "`%s` is now the identity of `%s`, not of `%s`"
                            .formatted(certificate, named, id));
        }
        boolean same = next.chain().equals(current.chain()) && next.trust().equals(current.trust());
        current = next;
        if (!next.bundles().equals(bundles)) {
            bundles = next.bundles();
        }
        if (!same) {
            listeners.tell();
        }
    }

    /** Looks at the files now instead of at the next turn. */
    void look() {
        files.look();
    }

    @Override
    public TlsIdentity current() {
        return current;
    }

    @Override
    public Map<String, List<X509Certificate>> bundles() {
        return bundles;
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        files.close();
    }
}
