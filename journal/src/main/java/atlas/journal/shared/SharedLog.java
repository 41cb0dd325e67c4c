package atlas.journal.shared;

import atlas.core.Sensitive;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One log of several journals: a PostgreSQL database that orders and keeps what they record, and a
 * store of tiles, bundles and checkpoints that all of them see.
 *
 * @param verifierKey the log's key, in C2SP text form, for who only records; who has the key itself
 *     integrates too
 * @param folder a directory on a file system that all of them mount, when there is no bucket
 * @param bucket a bucket of an S3-compatible store, when there is no folder
 */
public record SharedLog(
        Optional<String> verifierKey,
        Database database,
        Optional<Path> folder,
        Optional<Bucket> bucket) {

    public SharedLog {
        if (folder.isPresent() == bucket.isPresent()) {
            throw new IllegalArgumentException(
                    "a shared log lies in a `folder` or in a `bucket`, one of them");
        }
    }

    /**
     * The database. It is spoken to over TLS only, and its certificate must be for the host that
     * was asked for.
     *
     * @param hosts {@code host} or {@code host:port}; of several the one that takes writes is used
     * @param rootCertificate whom to believe, PEM; the authorities of Java when there is none
     * @param clientCertificate shown to the database, PEM, with {@code clientKey}, PKCS #8 DER
     */
    public record Database(
            List<String> hosts,
            String name,
            String user,
            Optional<Sensitive<String>> password,
            Optional<Path> rootCertificate,
            Optional<Path> clientCertificate,
            Optional<Path> clientKey) {
        public Database {
            hosts = List.copyOf(hosts);
            if (hosts.isEmpty() || hosts.stream().anyMatch(h -> !h.matches("[\\w.:\\[\\]-]+"))) {
                throw new IllegalArgumentException(
                        "`hosts` are host names or addresses, each with its port if not 5432");
            }
            if (!name.matches("[\\w-]+")) {
                throw new IllegalArgumentException("`" + name + "` is no database name");
            }
            if (clientCertificate.isPresent() != clientKey.isPresent()) {
                throw new IllegalArgumentException(
                        "`client-certificate` and `client-key` come together");
            }
            if (password.isEmpty() && clientKey.isEmpty()) {
                throw new IllegalArgumentException(
                        "a database needs a `password` or a `client-certificate`");
            }
        }
    }

    /**
     * A bucket.
     *
     * @param endpoint {@code https://host[:port]}; plain {@code http} on this machine only
     * @param prefix before every name, without slashes at its ends
     */
    public record Bucket(
            URI endpoint,
            String region,
            String name,
            Optional<String> prefix,
            String accessKey,
            Sensitive<String> secretKey) {
        public Bucket {
            boolean near =
                    "http".equals(endpoint.getScheme())
                            && List.of("127.0.0.1", "[::1]", "localhost")
                                    .contains(endpoint.getHost());
            if ((!"https".equals(endpoint.getScheme()) && !near) || endpoint.getHost() == null) {
                throw new IllegalArgumentException(
                        "`" + endpoint + "` is no `https` endpoint of a store");
            }
            if (!name.matches("[a-z0-9.-]{3,63}")) {
                throw new IllegalArgumentException("`" + name + "` is no bucket name");
            }
            if (prefix.isPresent() && !prefix.get().matches("[\\w.-]+(/[\\w.-]+)*")) {
                throw new IllegalArgumentException(
                        "`"
                                + prefix.get()
                                + "` is no prefix: letters, digits, `_.-` and `/` inside");
            }
        }
    }
}
