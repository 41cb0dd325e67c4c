package atlas.identity.saml;

import atlas.identity.JwksSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An identity provider for tests, with keys that stay the same so that what it once signed can be
 * kept in files. Of no use anywhere else: its clock stands at {@link #NOW}.
 */
public final class TestIdp implements JwksSource {
    /** When everything in the corpus was issued. */
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    public static final String ENTITY = "https://idp.example/saml";
    public static final String BASE = "https://atlas.example:9443";
    public static final String NAME = "test-idp";

    static final String REQUEST = "_request-1";
    static final String RELAY = "relay-1";
    private static final char[] PASSWORD = "of-no-use-elsewhere".toCharArray();
    private static final Path RESOURCES = Path.of("src/test/resources/identity/saml");

    private final SamlKeys ours;
    private final PendingLogin.Codec cookies = new PendingLogin.Codec();

    List<String> signers = List.of("idp");
    String endpoints = "both";
    boolean away;
    int fetches;

    public TestIdp() {
        ours = Keys.READ.sp;
    }

    /** Read once: opening a key store takes its time. */
    private record Keys(Map<String, SamlKeys.Pair> idp, SamlKeys sp) {
        static final Keys READ = read();

        private static Keys read() {
            try (InputStream idp = resource("idp-keys.p12");
                    InputStream sp = resource("sp-keys.bin")) {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(idp, PASSWORD);
                Map<String, SamlKeys.Pair> pairs = new HashMap<>();
                for (String name : Collections.list(store.aliases())) {
                    pairs.put(
                            name,
                            new SamlKeys.Pair(
                                    (PrivateKey) store.getKey(name, PASSWORD),
                                    (X509Certificate) store.getCertificate(name)));
                }
                return new Keys(pairs, SamlKeys.decode(sp.readAllBytes()));
            } catch (IOException | GeneralSecurityException e) {
                throw new AssertionError("test keys: " + e, e);
            }
        }
    }

    private static InputStream resource(String name) throws IOException {
        InputStream in = TestIdp.class.getResourceAsStream("/identity/saml/" + name);
        if (in == null) {
            throw new IOException("no " + name + "; run SamlAttacksTest with -Datlas.golden=keys");
        }
        return in;
    }

    /** Makes the key files anew; the whole corpus has to be made anew after that. */
    static void makeKeys() throws GeneralSecurityException, IOException {
        KeyStore fresh = KeyStore.getInstance("PKCS12");
        fresh.load(null, null);
        for (String name : List.of("idp", "attacker", "idp-ec")) {
            KeyPairGenerator generator =
                    KeyPairGenerator.getInstance(name.endsWith("ec") ? "EC" : "RSA");
            generator.initialize(name.endsWith("ec") ? 256 : 2048);
            KeyPair pair = generator.generateKeyPair();
            fresh.setKeyEntry(
                    name,
                    pair.getPrivate(),
                    PASSWORD,
                    new X509Certificate[] {certificate(name, pair)});
        }
        Files.createDirectories(RESOURCES);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        fresh.store(bytes, PASSWORD);
        Files.write(RESOURCES.resolve("idp-keys.p12"), bytes.toByteArray());
        Files.write(RESOURCES.resolve("sp-keys.bin"), SamlKeys.fresh(config(), NOW).encode());
    }

    private static X509Certificate certificate(String name, KeyPair pair)
            throws GeneralSecurityException {
        X500Name subject = new X500Name("CN=" + name);
        var builder =
                new JcaX509v3CertificateBuilder(
                        subject,
                        BigInteger.ONE,
                        Date.from(NOW.minusSeconds(86_400)),
                        Date.from(NOW.plusSeconds(86_400L * 365)),
                        subject,
                        pair.getPublic());
        String method =
                pair.getPrivate().getAlgorithm().equals("RSA")
                        ? "SHA256withRSA"
                        : "SHA256withECDSA";
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder(method).build(pair.getPrivate())));
        } catch (org.bouncycastle.operator.OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    PrivateKey key(String name) {
        return Objects.requireNonNull(Keys.READ.idp.get(name), name).key();
    }

    X509Certificate certificate(String name) {
        return Objects.requireNonNull(Keys.READ.idp.get(name), name).certificate();
    }

    /** The keys of the service provider under test. */
    public SamlKeys ours() {
        return ours;
    }

    /** One provider, unsolicited logins refused. */
    public static SamlConfig config() {
        return config(false, List.of());
    }

    /** The same, and signing by elliptic curve. */
    public static SamlConfig elliptic() {
        SamlConfig usual = config();
        return new SamlConfig(
                usual.baseUrl(),
                Optional.empty(),
                Optional.of(SamlConfig.Signature.ECDSA_SHA256),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                usual.identityProviders());
    }

    static SamlConfig config(boolean unsolicited, List<String> contexts) {
        return config(provider(unsolicited, contexts));
    }

    static SamlConfig config(SamlConfig.Provider provider) {
        return new SamlConfig(
                Optional.of(URI.create(BASE)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(provider));
    }

    static SamlConfig.Provider provider(boolean unsolicited, List<String> contexts) {
        return new SamlConfig.Provider(
                NAME,
                Optional.empty(),
                ENTITY,
                URI.create("file:///of/no/use/metadata.xml"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("Role"),
                Map.of("ai-users", atlas.core.Role.CONSUMER),
                Optional.of("Group"),
                Map.of("mail", "email"),
                contexts,
                Optional.empty(),
                Optional.of(unsolicited));
    }

    /** A service provider that knows this identity provider. */
    SamlServiceProvider serviceProvider(SamlConfig config, Clock clock) {
        return new SamlServiceProvider(
                config, () -> ours, new Providers(config, _ -> this, clock), cookies, clock);
    }

    /** As a whole, for other modules' tests. */
    public SamlServiceProvider serviceProvider(Clock clock) {
        return serviceProvider(config(), clock);
    }

    /** The cookie of the browser that began the login which the corpus answers. */
    public String cookie() {
        return cookies.write(new PendingLogin(NAME, REQUEST, RELAY, NOW.plusSeconds(600), "kept"));
    }

    /** From now on it takes logout messages by the POST binding only. */
    public void onlyPosts() {
        endpoints = "post";
    }

    /** What the provider's page posts. */
    public record Answered(String message, String relay) {}

    /** Answers a request that a browser was sent here with: alice is signed in. */
    public Answered answer(String location) {
        try {
            String query = URI.create(location).getRawQuery();
            RedirectBinding.Message asked =
                    RedirectBinding.read(query.substring("realm=a&".length()));
            String id = StrictXml.parse(asked.xml()).getDocumentElement().getAttribute("ID");
            String answers = Answer.attribute("InResponseTo", id);
            return new Answered(
                    new Answer(this)
                            .with("in-response-to", answers)
                            .with("subject.answers", answers)
                            .xml(),
                    asked.relay().orElseThrow());
        } catch (SamlException e) {
            throw new AssertionError(location, e);
        }
    }

    /** Its metadata. */
    @Override
    public byte[] fetch(URI place) throws IOException {
        fetches++;
        if (away) {
            throw new IOException("away");
        }
        return metadata("", signers.toArray(String[]::new));
    }

    byte[] metadata(String attributes, String... signers) {
        StringBuilder keys = new StringBuilder();
        for (String signer : signers) {
            keys.append(
                    """
                    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s\
                    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\
                    """
                            .formatted(encoded(certificate(signer))));
        }
        return """
        <md:EntityDescriptor xmlns:md="%s" xmlns:ds="%s" ID="_metadata" entityID="%s" %s>\
        <md:IDPSSODescriptor protocolSupportEnumeration="%s">%s\
        %s\
        <md:SingleSignOnService Binding="%s" Location="https://idp.example/sso?realm=a"/>\
        </md:IDPSSODescriptor></md:EntityDescriptor>\
        """
                .formatted(
                        Names.METADATA,
                        Names.SIGNATURE,
                        ENTITY,
                        attributes,
                        Names.PROTOCOL,
                        keys,
                        logouts(),
                        Names.REDIRECT)
                .getBytes(StandardCharsets.UTF_8);
    }

    private String logouts() {
        String post = logout(Names.POST, "slo-post", "");
        String redirect =
                logout(Names.REDIRECT, "slo", " ResponseLocation=\"https://idp.example/slo-done\"");
        return switch (endpoints) {
            case "both" -> post + redirect;
            case "post" -> post;
            default -> "";
        };
    }

    private static String logout(String binding, String place, String more) {
        return "<md:SingleLogoutService Binding=\"%s\" Location=\"https://idp.example/%s\"%s/>"
                .formatted(binding, place, more);
    }

    static String encoded(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static org.w3c.dom.Document dom(String xml) {
        try {
            return javax.xml.parsers.DocumentBuilderFactory.newDefaultNSInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        } catch (Exception e) {
            throw new AssertionError(xml, e);
        }
    }

    static String text(org.w3c.dom.Node node) {
        try {
            var transformer =
                    javax.xml.transform.TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty("omit-xml-declaration", "yes");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            transformer.transform(
                    new javax.xml.transform.dom.DOMSource(node),
                    new javax.xml.transform.stream.StreamResult(out));
            return out.toString(StandardCharsets.UTF_8);
        } catch (javax.xml.transform.TransformerException e) {
            throw new AssertionError(e);
        }
    }
}
