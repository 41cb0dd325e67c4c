package atlas.runtime.svid;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The trust bundles of other trust domains, a PEM file each, read again when they change. A file
 * that cannot be used leaves all bundles as they were. Thread-safe.
 */
public final class BundleFiles implements AutoCloseable {
    private final Map<String, Path> byDomain;
    private final Listeners listeners = new Listeners();
    private final WatchedFiles files;
    private volatile Map<String, List<X509Certificate>> bundles = Map.of();

    private BundleFiles(Map<String, Path> byDomain, Duration every) {
        this.byDomain = Map.copyOf(byDomain);
        this.files = new WatchedFiles(List.copyOf(byDomain.values()), every, this::reload);
    }

    /**
     * Reads the files and watches them.
     *
     * @throws SvidException when one cannot be used now
     */
    public static BundleFiles open(Map<String, Path> byDomain, Duration every) {
        return new BundleFiles(byDomain, every);
    }

    private void reload() {
        Map<String, List<X509Certificate>> read = new HashMap<>();
        byDomain.forEach((domain, file) ->
                read.put(
                        domain,
                        Credentials.certificates(WatchedFiles.bytes(file), "`" + file + "`")));
        bundles = Map.copyOf(read);
        listeners.tell();
    }

    /** Looks at the files now instead of at the next turn. */
    void look() {
        files.look();
    }

    /** Trust anchors by trust domain; the same object until they change. */
    public Map<String, List<X509Certificate>> bundles() {
        return bundles;
    }

    /** Runs {@code listener} after every change. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        files.close();
    }
}
