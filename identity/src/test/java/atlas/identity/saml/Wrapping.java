package atlas.identity.saml;

import java.util.ArrayList;
import java.util.List;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Signature wrapping (Somorovsky et al., "On Breaking SAML", USENIX Security 2012): the eight
 * classic places for a forged element and the signed one, and more. Every document still carries a
 * genuine signature over a genuine element, and names {@code mallory} somewhere.
 */
final class Wrapping {
    private final Document document;
    private final Element response;
    private final Element assertion;

    private Wrapping(String genuine) {
        document = TestIdp.dom(genuine);
        response = document.getDocumentElement();
        assertion = child(response, "Assertion");
    }

    static List<Attack> all(TestIdp idp) {
        List<Attack> attacks = new ArrayList<>();
        String both = new Answer(idp).xml();
        String response = new Answer(idp).signed(true, false).xml();
        String assertion = new Answer(idp).signed(false, true).xml();
        add(attacks, "xsw1-response-copied-into-the-signature", at(response).xsw1(true));
        add(attacks, "xsw1-same-id", at(response).xsw1(false));
        add(attacks, "xsw2-response-copied-before-the-signature", at(response).xsw2(true));
        add(attacks, "xsw2-same-id", at(response).xsw2(false));
        for (String signed : new String[] {assertion, both}) {
            String suffix = signed.equals(both) ? "-both-signed" : "";
            add(attacks, "xsw3-forged-assertion-before" + suffix, at(signed).xsw3(true));
            add(attacks, "xsw3-same-id" + suffix, at(signed).xsw3(false));
            add(attacks, "xsw3-forged-assertion-after" + suffix, at(signed).after());
            add(attacks, "xsw4-forged-around-signed" + suffix, at(signed).xsw4(true));
            add(attacks, "xsw4-same-id" + suffix, at(signed).xsw4(false));
            add(attacks, "xsw5-signature-moved-into-forged" + suffix, at(signed).xsw5());
            add(attacks, "xsw6-signed-inside-its-signature" + suffix, at(signed).xsw6());
            add(attacks, "xsw7-forged-in-extensions" + suffix, at(signed).xsw7());
            add(attacks, "xsw8-signed-in-an-object" + suffix, at(signed).xsw8());
        }
        add(attacks, "xsw-signed-in-advice-of-forged", at(assertion).advice());
        add(attacks, "xsw-signed-in-a-condition-of-forged", at(assertion).condition());
        add(attacks, "xsw-response-wrapped-in-an-envelope", at(response).envelope());
        add(attacks, "xsw-signed-in-status-detail", at(assertion).statusDetail());
        return attacks;
    }

    private static void add(List<Attack> attacks, String name, String xml) {
        // What is wrong first differs; that it is refused does not.
        attacks.add(Attack.login(name, "", xml));
    }

    private static Wrapping at(String genuine) {
        return new Wrapping(genuine);
    }

    private Element forged(Element of, boolean otherId) {
        Element copy = (Element) of.cloneNode(true);
        strip(copy);
        if (otherId) {
            copy.setAttribute("ID", "_forged");
        }
        var names = copy.getElementsByTagNameNS(Names.ASSERTION, "NameID");
        names.item(0).setTextContent("mallory");
        return copy;
    }

    private static void strip(Element element) {
        Element signature = childOrNull(element, "Signature");
        if (signature != null) {
            element.removeChild(signature);
        }
    }

    private String xsw1(boolean otherId) {
        Element root = forged(response, otherId);
        Element signature = (Element) child(response, "Signature").cloneNode(true);
        Element original = (Element) response.cloneNode(true);
        strip(original);
        signature.appendChild(original);
        root.insertBefore(signature, child(root, "Issuer").getNextSibling());
        return TestIdp.text(root);
    }

    private String xsw2(boolean otherId) {
        Element root = forged(response, otherId);
        Element signature = (Element) child(response, "Signature").cloneNode(true);
        Element original = (Element) response.cloneNode(true);
        strip(original);
        Node place = child(root, "Issuer").getNextSibling();
        root.insertBefore(original, place);
        root.insertBefore(signature, place);
        return TestIdp.text(root);
    }

    private String xsw3(boolean otherId) {
        response.insertBefore(forged(assertion, otherId), assertion);
        return TestIdp.text(response);
    }

    private String after() {
        response.appendChild(forged(assertion, true));
        return TestIdp.text(response);
    }

    private String xsw4(boolean otherId) {
        Element around = forged(assertion, otherId);
        response.replaceChild(around, assertion);
        around.appendChild(assertion);
        return TestIdp.text(response);
    }

    private String xsw5() {
        Element original = (Element) assertion.cloneNode(true);
        strip(original);
        name(assertion, "mallory");
        assertion.setAttribute("ID", "_forged");
        response.appendChild(original);
        return TestIdp.text(response);
    }

    private String xsw6() {
        Element original = (Element) assertion.cloneNode(true);
        strip(original);
        name(assertion, "mallory");
        assertion.setAttribute("ID", "_forged");
        child(assertion, "Signature").appendChild(original);
        return TestIdp.text(response);
    }

    private String xsw7() {
        Element extensions = document.createElementNS(Names.PROTOCOL, "samlp:Extensions");
        extensions.appendChild(forged(assertion, false));
        response.insertBefore(extensions, assertion);
        return TestIdp.text(response);
    }

    private String xsw8() {
        Element original = (Element) assertion.cloneNode(true);
        strip(original);
        name(assertion, "mallory");
        Element object = document.createElementNS(Names.SIGNATURE, "ds:Object");
        object.appendChild(original);
        child(assertion, "Signature").appendChild(object);
        return TestIdp.text(response);
    }

    private String advice() {
        Element around = forged(assertion, true);
        Element advice = document.createElementNS(Names.ASSERTION, "saml:Advice");
        response.replaceChild(around, assertion);
        advice.appendChild(assertion);
        around.insertBefore(advice, child(around, "AuthnStatement"));
        return TestIdp.text(response);
    }

    private String condition() {
        Element around = forged(assertion, true);
        response.replaceChild(around, assertion);
        child(around, "Conditions").appendChild(assertion);
        return TestIdp.text(response);
    }

    private String statusDetail() {
        Element detail = document.createElementNS(Names.PROTOCOL, "samlp:StatusDetail");
        response.replaceChild(forged(assertion, true), assertion);
        detail.appendChild(assertion);
        child(response, "Status").appendChild(detail);
        return TestIdp.text(response);
    }

    private String envelope() {
        Element root = forged(response, true);
        child(root, "Status").appendChild(response.cloneNode(true));
        return TestIdp.text(root);
    }

    private static void name(Element assertion, String name) {
        assertion.getElementsByTagNameNS(Names.ASSERTION, "NameID").item(0).setTextContent(name);
    }

    private static Element child(Element parent, String name) {
        Element found = childOrNull(parent, name);
        if (found == null) {
            throw new AssertionError("no " + name + " in " + parent.getNodeName());
        }
        return found;
    }

    private static @org.jspecify.annotations.Nullable Element childOrNull(
            Element parent, String name) {
        for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element element && name.equals(element.getLocalName())) {
                return element;
            }
        }
        return null;
    }
}
