package atlas.identity.saml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes the whole corpus. */
final class Corpus {
    private Corpus() {}

    static List<Attack> made(TestIdp idp) {
        List<Attack> all = new ArrayList<>(Wrapping.all(idp));
        List.of(
                        new SignatureAttacks(idp),
                        new MarkupAttacks(idp),
                        new ClaimAttacks(idp),
                        new EncryptionAttacks(idp),
                        new LogoutAttacks(idp))
                .forEach(forge -> all.addAll(forge.attacks));
        return all;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
