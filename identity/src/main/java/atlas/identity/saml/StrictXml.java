package atlas.identity.saml;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * Reads XML that has one meaning: UTF-8, no document type, no processing instruction, no comment,
 * every ID once, within fixed limits of size, depth and number. Nothing outside is ever fetched.
 */
final class StrictXml {
    /** The largest document read. */
    static final int MAX_BYTES = 256 << 10;

    private static final int MAX_DEPTH = 40;
    private static final int MAX_ELEMENTS = 5_000;
    private static final int MAX_ATTRIBUTES = 50;

    private StrictXml() {}

    static Document parse(byte[] bytes) throws SamlException {
        if (bytes.length > MAX_BYTES) {
            throw new SamlException("saml_size");
        }
        try {
            return parse(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            throw new SamlException("saml_xml");
        }
    }

    static Document parse(String text) throws SamlException {
        if (text.contains("<!DOCTYPE") || text.contains("<!ENTITY")) {
            throw new SamlException("saml_doctype");
        }
        Document document;
        try {
            // From characters, so that an encoding the document claims for itself changes nothing.
            document = builder().parse(new InputSource(new StringReader(text)));
        } catch (SAXException | IOException e) {
            throw new SamlException("saml_xml");
        }
        check(document);
        return document;
    }

    private static DocumentBuilder builder() {
        // The JDK's own parser, whatever else is on the class path.
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        try {
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
            factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
            factory.setAttribute("jdk.xml.maxElementDepth", String.valueOf(MAX_DEPTH));
            factory.setAttribute("jdk.xml.elementAttributeLimit", String.valueOf(MAX_ATTRIBUTES));
            factory.setXIncludeAware(false);
            factory.setExpandEntityReferences(false);
            factory.setCoalescing(true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new Refusing());
            builder.setEntityResolver((_, _) -> {
                throw new SAXException("nothing outside is read");
            });
            return builder;
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK's parser can be made strict", e);
        }
    }

    // One walk in document order, without recursion: depth is bounded, trust in it is not needed.
    private static void check(Document document) throws SamlException {
        Set<String> ids = new HashSet<>();
        int elements = 0;
        Node node = document.getFirstChild();
        while (node != null) {
            switch (node.getNodeType()) {
                case Node.ELEMENT_NODE -> {
                    if (++elements > MAX_ELEMENTS) {
                        throw new SamlException("saml_size");
                    }
                    ids((Element) node, ids);
                }
                case Node.TEXT_NODE -> {}
                case Node.COMMENT_NODE -> throw new SamlException("saml_comment");
                default -> throw new SamlException("saml_xml");
            }
            node = next(node);
        }
    }

    private static @org.jspecify.annotations.Nullable Node next(Node node) {
        if (node.getFirstChild() != null) {
            return node.getFirstChild();
        }
        Node at = node;
        while (at != null) {
            if (at.getNextSibling() != null) {
                return at.getNextSibling();
            }
            at = at.getParentNode();
        }
        return null;
    }

    // Whatever any software might take for an ID must be there once.
    private static void ids(Element element, Set<String> seen) throws SamlException {
        NamedNodeMap attributes = element.getAttributes();
        for (int i = 0; i < attributes.getLength(); i++) {
            Attr attribute = (Attr) attributes.item(i);
            String name = attribute.getLocalName();
            if (name.toLowerCase(Locale.ROOT).equals("id")) {
                if (attribute.getNamespaceURI() != null) {
                    throw new SamlException("saml_id");
                }
                if (attribute.getValue().isEmpty() || !seen.add(attribute.getValue())) {
                    throw new SamlException("saml_id_duplicate");
                }
            }
        }
    }

    /** Says nothing on any stream; every fault is a refusal. */
    private static final class Refusing implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) throws SAXException {
            throw e;
        }

        @Override
        public void error(SAXParseException e) throws SAXException {
            throw e;
        }

        @Override
        public void fatalError(SAXParseException e) throws SAXException {
            throw e;
        }
    }
}
