package atlas.control.wire;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** JSON of the link: binary as base64, no field twice, nothing after the end. */
public final class Wire {
    private static final ObjectMapper MAPPER =
            new ObjectMapper(Json.factory())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private Wire() {}

    /** The object these bytes are; a {@link LinkException} when they are none. */
    public static JsonNode object(byte[] json) {
        try (JsonParser parser = MAPPER.getFactory().createParser(json)) {
            parser.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
            JsonNode node = MAPPER.readTree(parser);
            if (node == null || !node.isObject()) {
                throw new LinkException("not a JSON object", null);
            }
            return node;
        } catch (IOException e) {
            throw new LinkException("not JSON", e);
        }
    }

    /** A tree as bytes. */
    public static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes of JSON as text. */
    public static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** Text that must be there. */
    public static String text(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null || !value.isTextual()) {
            throw new LinkException("`" + name + "` is missing", null);
        }
        return value.textValue();
    }

    /** Bytes that must be there. */
    public static byte[] binary(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new LinkException("`" + name + "` is missing", null);
        }
        return binary(value);
    }

    /** The bytes that a text value stands for. */
    public static byte[] binary(JsonNode value) {
        try {
            return Base64.getDecoder().decode(value.asText());
        } catch (IllegalArgumentException e) {
            throw new LinkException("not base64", e);
        }
    }

    /** Writes bytes as a value. */
    public static void write(JsonGenerator out, byte[] binary) throws IOException {
        out.writeString(Base64.getEncoder().encodeToString(binary));
    }

    /** Writes a field of bytes. */
    public static void write(JsonGenerator out, String name, byte[] binary) throws IOException {
        out.writeFieldName(name);
        write(out, binary);
    }

    /** Writes a field of certificates, leaf first. */
    public static void write(JsonGenerator out, String name, List<X509Certificate> chain)
            throws IOException {
        out.writeArrayFieldStart(name);
        for (X509Certificate certificate : chain) {
            write(out, encoded(certificate));
        }
        out.writeEndArray();
    }

    /** Certificates that must be there, at least one. */
    public static List<X509Certificate> chain(JsonNode node, String name) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (JsonNode der : node.path(name)) {
                chain.add(
                        (X509Certificate)
                                factory.generateCertificate(new ByteArrayInputStream(binary(der))));
            }
        } catch (GeneralSecurityException e) {
            throw new LinkException("`" + name + "` holds no certificates", e);
        }
        if (chain.isEmpty()) {
            throw new LinkException("`" + name + "` is missing", null);
        }
        return chain;
    }

    /** A certificate in DER. */
    public static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has an encoding", e);
        }
    }
}
