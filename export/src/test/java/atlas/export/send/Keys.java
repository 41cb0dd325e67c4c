package atlas.export.send;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key with a certificate that vouches for itself, made by the JDK's keytool. */
record Keys(KeyStore store, X509Certificate certificate) {
    private static final char[] PASSWORD = "only-in-tests".toCharArray();

    static Keys named(Path folder, String alternativeName) throws Exception {
        Path file = Files.createTempDirectory(folder, "keys").resolve("keys.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "own",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=test",
                                "-ext",
                                "san=" + alternativeName,
                                "-validity",
                                "2",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                new String(PASSWORD),
                                "-storetype",
                                "PKCS12")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        if (keytool.waitFor() != 0) {
            throw new AssertionError(said);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return new Keys(store, (X509Certificate) store.getCertificate("own"));
    }

    /** The certificate in a file. */
    Path certificatePem(Path file) throws Exception {
        return Files.writeString(file, pem("CERTIFICATE", certificate.getEncoded()));
    }

    /** The key in a file. */
    Path keyPem(Path file) throws Exception {
        return Files.writeString(
                file, pem("PRIVATE KEY", store.getKey("own", PASSWORD).getEncoded()));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN "
                + label
                + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END "
                + label
                + "-----\n";
    }

    TlsPins pinned() {
        return TlsPins.of(List.of(certificate), Optional.empty());
    }

    TlsPins.Identity identity() throws GeneralSecurityException {
        return new TlsPins.Identity(
                (PrivateKey) store.getKey("own", PASSWORD), List.of(certificate));
    }

    /** A server's context; {@code clients} is who may come, nobody is asked when empty. */
    SSLContext server(Optional<Keys> clients) throws GeneralSecurityException, IOException {
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(store, PASSWORD);
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        if (clients.isPresent()) {
            anchors.setCertificateEntry("client", clients.get().certificate());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                own.getKeyManagers(), clients.isPresent() ? trust.getTrustManagers() : null, null);
        return context;
    }
}
