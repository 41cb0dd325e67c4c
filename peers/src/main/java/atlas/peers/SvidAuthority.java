package atlas.peers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * An authority for SVIDs, made with openssl: as those of SPIFFE deployments they name no host, and
 * are good for both ends of a connection.
 */
public final class SvidAuthority {
    private final Path folder;
    private final String trustDomain;

    public SvidAuthority(Path folder, String trustDomain) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        this.trustDomain = trustDomain;
        openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out"
                        + " ca.pem -days 2 -subj /O=svids -addext"
                        + " basicConstraints=critical,CA:TRUE -addext"
                        + " keyUsage=critical,keyCertSign -addext subjectAltName=URI:spiffe://"
                        + trustDomain);
    }

    /** Writes {@code NAME.pem}, {@code NAME.key} and {@code bundle.pem}, each whole at once. */
    public void write(Path to, String name, String path) throws IOException, InterruptedException {
        Files.writeString(
                folder.resolve("ext"),
                "subjectAltName=critical,URI:spiffe://"
                        + trustDomain
                        + path
                        + "\nkeyUsage=critical,digitalSignature\n"
                        + "extendedKeyUsage=serverAuth,clientAuth\n"
                        + "basicConstraints=critical,CA:FALSE\n");
        openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout svid.key -out"
                        + " svid.csr -subj /O=svid");
        openssl(
                "x509 -req -in svid.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -out"
                        + " svid.pem -extfile ext");
        replace("svid.key", to.resolve(name + ".key"));
        replace("svid.pem", to.resolve(name + ".pem"));
        replace("ca.pem", to.resolve("bundle.pem"));
    }

    /** A new SVID, as an agent holds it. */
    public WorkloadApiAgent.Svid issue(String path)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path made = Files.createTempDirectory(folder, "issued");
        write(made, "one", path);
        String key =
                Files.readString(made.resolve("one.key"))
                        .replaceAll("-----[A-Z ]+-----", "")
                        .strip();
        return new WorkloadApiAgent.Svid(
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key))),
                List.of(certificate(made.resolve("one.pem"))),
                List.of(certificate(made.resolve("bundle.pem"))));
    }

    private static X509Certificate certificate(Path file)
            throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private void replace(String made, Path file) throws IOException {
        Path fresh =
                Files.copy(
                        folder.resolve(made),
                        file.resolveSibling(file.getFileName() + ".new"),
                        StandardCopyOption.REPLACE_EXISTING);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        byte[] said = process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
            throw new AssertionError(
                    "openssl " + arguments + ":\n" + new String(said, StandardCharsets.UTF_8));
        }
    }
}
