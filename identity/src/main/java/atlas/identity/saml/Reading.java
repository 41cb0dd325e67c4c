package atlas.identity.saml;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Reads elements the one way there is: by namespace and name, whole texts, no guessing. */
final class Reading {
    private static final int MAX_TEXT = 4_096;

    private Reading() {}

    static boolean is(Element element, String namespace, String name) {
        return namespace.equals(element.getNamespaceURI()) && name.equals(element.getLocalName());
    }

    static List<Element> children(Element parent) {
        List<Element> found = new ArrayList<>();
        for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    static List<Element> children(Element parent, String namespace, String name) {
        return children(parent).stream().filter(e -> is(e, namespace, name)).toList();
    }

    /** Refuses children other than those named, each by namespace and name put together. */
    static void expect(Element parent, Set<String> parts) throws SamlException {
        for (Element child : children(parent)) {
            if (!parts.contains(child.getNamespaceURI() + " " + child.getLocalName())) {
                throw new SamlException("saml_structure");
            }
        }
    }

    /** The one child of that name, if any; two are refused. */
    static Optional<Element> child(Element parent, String namespace, String name)
            throws SamlException {
        List<Element> found = children(parent, namespace, name);
        if (found.size() > 1) {
            throw new SamlException("saml_structure");
        }
        return found.stream().findFirst();
    }

    /** The one child of that name. */
    static Element only(Element parent, String namespace, String name) throws SamlException {
        return child(parent, namespace, name)
                .orElseThrow(() -> new SamlException("saml_structure"));
    }

    /** The whole text of an element that has nothing but text. */
    static String text(Element element) throws SamlException {
        StringBuilder text = new StringBuilder();
        for (Node n = element.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n.getNodeType() != Node.TEXT_NODE) {
                throw new SamlException("saml_text");
            }
            text.append(n.getNodeValue());
        }
        return text.toString();
    }

    /** As {@link #text}, of a length that names and identifiers have. */
    static String shortText(Element element) throws SamlException {
        String text = text(element);
        if (text.isEmpty() || text.length() > MAX_TEXT) {
            throw new SamlException("saml_text");
        }
        return text;
    }

    static Optional<String> attribute(Element element, String name) {
        return element.hasAttributeNS(null, name)
                ? Optional.of(element.getAttributeNS(null, name))
                : Optional.empty();
    }

    static String required(Element element, String name) throws SamlException {
        return attribute(element, name)
                .filter(value -> !value.isEmpty() && value.length() <= MAX_TEXT)
                .orElseThrow(() -> new SamlException("saml_structure"));
    }

    /** SAML Core 1.3.3: a moment in UTC. */
    static Optional<Instant> moment(Element element, String name) throws SamlException {
        Optional<String> given = attribute(element, name);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(given.get()).toInstant());
        } catch (DateTimeException e) {
            throw new SamlException("saml_time");
        }
    }

    static Instant requiredMoment(Element element, String name) throws SamlException {
        return moment(element, name).orElseThrow(() -> new SamlException("saml_time"));
    }
}
