package atlas.identity.saml;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * What an identity provider says of itself (SAML Metadata): the keys it signs with and where it
 * listens.
 *
 * @param signers of certificates that say signing, or nothing, of what they are for
 * @param loginUrl single sign-on by redirect
 * @param logouts single logout, redirect preferred
 * @param until when this word ends, by {@code validUntil} or {@code cacheDuration}
 */
record IdpMetadata(
        String entityId,
        List<X509Certificate> signers,
        URI loginUrl,
        List<Endpoint> logouts,
        Optional<Instant> until) {

    /** A place and how to speak to it; {@code answers} go elsewhere when the provider says so. */
    record Endpoint(String binding, URI location, URI answers) {}

    private static final String PROTOCOLS = "protocolSupportEnumeration";

    /**
     * Reads one {@code EntityDescriptor} of the provider named.
     *
     * @param pinned when present, its key must have signed the document
     */
    static IdpMetadata read(
            byte[] bytes, String entityId, Optional<X509Certificate> pinned, Instant now)
            throws SamlException {
        Document document = StrictXml.parse(bytes);
        Element root = document.getDocumentElement();
        if (!Reading.is(root, Names.METADATA, "EntityDescriptor")) {
            throw new SamlException("saml_metadata_form");
        }
        if (pinned.isPresent()) {
            SignedElement.placement(document, List.of(root));
            root = SignedElement.verified(root, List.of(usable(pinned.get(), now)));
        }
        if (!Reading.required(root, "entityID").equals(entityId)) {
            throw new SamlException("saml_metadata_entity");
        }
        Element role = role(root);
        return new IdpMetadata(
                entityId, signers(role), login(role), logouts(role), until(root, role, now));
    }

    private static Element role(Element root) throws SamlException {
        List<Element> roles =
                Reading.children(root, Names.METADATA, "IDPSSODescriptor").stream()
                        .filter(r ->
                                List.of(r.getAttributeNS(null, PROTOCOLS).split("\\s"))
                                        .contains(Names.PROTOCOL))
                        .toList();
        if (roles.size() != 1) {
            throw new SamlException("saml_metadata_form");
        }
        return roles.get(0);
    }

    private static List<X509Certificate> signers(Element role) throws SamlException {
        List<X509Certificate> found = new ArrayList<>();
        for (Element descriptor : Reading.children(role, Names.METADATA, "KeyDescriptor")) {
            if (Reading.attribute(descriptor, "use").orElse("signing").equals("signing")) {
                Element info = Reading.only(descriptor, Names.SIGNATURE, "KeyInfo");
                for (Element data : Reading.children(info, Names.SIGNATURE, "X509Data")) {
                    for (Element one : Reading.children(data, Names.SIGNATURE, "X509Certificate")) {
                        found.add(certificate(Reading.text(one)));
                    }
                }
            }
        }
        if (found.isEmpty() || found.size() > 20) {
            throw new SamlException("saml_metadata_keys");
        }
        return List.copyOf(found);
    }

    private static X509Certificate certificate(String text) throws SamlException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(PostBinding.base64(text)));
        } catch (CertificateException e) {
            throw new SamlException("saml_metadata_keys");
        }
    }

    /** The keys that may verify now: certificates in their time, RSA 2048 to 8192 bits, NIST EC. */
    List<PublicKey> keys(Instant now) {
        List<PublicKey> keys = new ArrayList<>();
        for (X509Certificate signer : signers) {
            try {
                keys.add(usable(signer, now));
            } catch (SamlException e) {
                // One key that has ended is no reason to refuse what its successor signed.
                continue;
            }
        }
        return keys;
    }

    private static PublicKey usable(X509Certificate certificate, Instant now) throws SamlException {
        if (now.isBefore(certificate.getNotBefore().toInstant())
                || now.isAfter(certificate.getNotAfter().toInstant())) {
            throw new SamlException("saml_metadata_keys");
        }
        return switch (certificate.getPublicKey()) {
            case RSAPublicKey rsa
                    when rsa.getModulus().bitLength() >= 2048
                            && rsa.getModulus().bitLength() <= 8192 ->
                    rsa;
            case ECPublicKey ec when ec.getParams().getOrder().bitLength() >= 256 -> ec;
            case PublicKey _ -> throw new SamlException("saml_metadata_keys");
        };
    }

    private static URI login(Element role) throws SamlException {
        for (Element service : Reading.children(role, Names.METADATA, "SingleSignOnService")) {
            if (Reading.required(service, "Binding").equals(Names.REDIRECT)) {
                return https(Reading.required(service, "Location"));
            }
        }
        throw new SamlException("saml_metadata_endpoint");
    }

    private static List<Endpoint> logouts(Element role) throws SamlException {
        List<Endpoint> found = new ArrayList<>();
        for (Element service : Reading.children(role, Names.METADATA, "SingleLogoutService")) {
            String binding = Reading.required(service, "Binding");
            if (binding.equals(Names.REDIRECT) || binding.equals(Names.POST)) {
                URI location = https(Reading.required(service, "Location"));
                Optional<String> answers = Reading.attribute(service, "ResponseLocation");
                Endpoint endpoint =
                        new Endpoint(
                                binding,
                                location,
                                answers.isPresent() ? https(answers.get()) : location);
                found.add(binding.equals(Names.REDIRECT) ? 0 : found.size(), endpoint);
            }
        }
        return List.copyOf(found);
    }

    private static URI https(String text) throws SamlException {
        try {
            URI place = URI.create(text);
            if ("https".equals(place.getScheme())
                    && place.getHost() != null
                    && place.getRawUserInfo() == null
                    && place.getRawFragment() == null) {
                return place;
            }
        } catch (IllegalArgumentException e) {
            throw new SamlException("saml_metadata_endpoint");
        }
        throw new SamlException("saml_metadata_endpoint");
    }

    private static Optional<Instant> until(Element root, Element role, Instant now)
            throws SamlException {
        Optional<Instant> end = Optional.empty();
        for (Element element : List.of(root, role)) {
            end = sooner(end, Reading.moment(element, "validUntil"));
            Optional<String> cached = Reading.attribute(element, "cacheDuration");
            if (cached.isPresent()) {
                end = sooner(end, Optional.of(after(now, cached.get())));
            }
        }
        if (end.isPresent() && !now.isBefore(end.get())) {
            throw new SamlException("saml_metadata_expired");
        }
        return end;
    }

    private static Optional<Instant> sooner(Optional<Instant> a, Optional<Instant> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isPresent() ? a : b;
        }
        return a.get().isBefore(b.get()) ? a : b;
    }

    // xs:duration: a period of days and months, then a time.
    private static Instant after(Instant now, String duration) throws SamlException {
        try {
            int time = duration.indexOf('T');
            String days = time < 0 ? duration : duration.substring(0, time);
            Instant end =
                    days.equals("P")
                            ? now
                            : now.atZone(ZoneOffset.UTC).plus(Period.parse(days)).toInstant();
            return time < 0 ? end : end.plus(Duration.parse("P" + duration.substring(time)));
        } catch (DateTimeException | ArithmeticException e) {
            throw new SamlException("saml_metadata_form");
        }
    }
}
