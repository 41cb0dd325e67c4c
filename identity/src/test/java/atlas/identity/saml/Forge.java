package atlas.identity.saml;

import java.util.ArrayList;
import java.util.List;

/** Collects attacks made from genuine messages of the test provider. */
class Forge {
    final TestIdp idp;
    final List<Attack> attacks = new ArrayList<>();

    Forge(TestIdp idp) {
        this.idp = idp;
    }

    Answer answer() {
        return new Answer(idp);
    }

    XmlSigning own() {
        return XmlSigning.by(idp, "idp");
    }

    void refuse(String name, String reason, String xml) {
        attacks.add(Attack.login(name, reason, xml));
    }
}
