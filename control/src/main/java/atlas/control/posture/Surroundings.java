package atlas.control.posture;

import atlas.control.store.AlertBook;
import atlas.identity.ApiKeys;
import atlas.journal.Journal;
import atlas.policy.GrantStore;
import atlas.registry.ModelRegistry;
import atlas.vault.KeyVault;
import atlas.vault.kek.KekProviders;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;

/**
 * What checks work with.
 *
 * @param root what the doors' certificates lead to
 * @param staging where checks put what they take away again
 */
public record Surroundings(
        Access access, Models models, Keys keys, Evidence evidence, Anchors anchors, Clock clock) {

    /** What is recorded, and what looked wrong in it. */
    public record Evidence(Journal journal, AlertBook alerts) {}

    Journal journal() {
        return evidence.journal();
    }

    /** Who may do what; checks make principals of their own and take them back. */
    public record Access(ApiKeys keys, GrantStore grants) {}

    /** Which models there are, and whose signature they are believed by. */
    public record Models(ModelRegistry registry, KeyPair trustedSigner) {}

    /** What is sealed, and by whose key. */
    public record Keys(KeyVault vault, KekProviders keks) {}

    /** What the doors' certificates lead to, and where checks put what they take away again. */
    public record Anchors(X509Certificate root, Path staging) {}
}
