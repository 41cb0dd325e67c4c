package atlas.control;

import atlas.control.trust.HomeDirectory;
import atlas.control.trust.Manifest;
import atlas.control.trust.PieceException;
import atlas.control.trust.SealedPieces;
import atlas.control.trust.SigningKey;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What a first start says of the installation it makes, and every later one holds against it. */
final class Founding {
    private final HomeDirectory home;
    private final String trustDomain;
    private final X509Certificate root;

    Founding(HomeDirectory home, String trustDomain, X509Certificate root) {
        this.home = home;
        this.trustDomain = trustDomain;
        this.root = root;
    }

    /** Journals which pieces this start made and which an interrupted one had left. */
    void record(AuditLog journal, SealedPieces pieces) {
        byte[] after =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("trust_domain", trustDomain);
                    out.writeStringField("made", String.join(" ", pieces.made()));
                    out.writeStringField("found", String.join(" ", pieces.found()));
                    out.writeEndObject();
                });
        journal.append(
                new AdminAct(
                        "",
                        Actor.system("trust-root"),
                        "trust-root.create",
                        "trust-domain:" + trustDomain,
                        "allowed",
                        "",
                        new String(after, StandardCharsets.UTF_8)));
        home.passed("journal");
    }

    /**
     * Refuses when what was opened is not what was established; else finishes a first start. The
     * manifest comes last: until it is there, the next start goes on where this one stopped.
     *
     * @throws PieceException when it is another one
     */
    void settle(Optional<Manifest> established, String journalKey, Runnable firstCredentials) {
        Manifest now =
                new Manifest(
                        Map.of(
                                "format",
                                "1",
                                "trust_domain",
                                trustDomain,
                                "statements",
                                "1",
                                "ca_sha256",
                                Hashes.sha256(encoded()).hex(),
                                "journal_vkey",
                                journalKey));
        if (established.isPresent()) {
            Manifest before = established.get();
            boolean older = before.value("statements").isEmpty();
            (older ? before.with("statements", "1") : before).requireSame(home, now);
            if (older) {
                now.write(home);
            }
        }
        writeRootCertificate();
        if (established.isEmpty()) {
            firstCredentials.run();
            now.write(home);
        }
    }

    /** Writes the root for whoever has to trust it, or holds what is there against it. */
    void writeRootCertificate() {
        byte[] pem = SigningKey.pem("CERTIFICATE", encoded()).getBytes(StandardCharsets.US_ASCII);
        Optional<byte[]> there = home.read(TrustRoot.CA_FILE);
        if (there.isEmpty()) {
            home.write(TrustRoot.CA_FILE, pem);
        } else if (!Arrays.equals(there.get(), pem)) {
            throw new PieceException(
                    "`"
                            + home.path(TrustRoot.CA_FILE)
                            + "` is not this installation's root certificate;"
                            + " find out who changed it, delete it, and start again to have it"
                            + " written anew",
                    null);
        }
    }

    private byte[] encoded() {
        try {
            return root.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a parsed certificate has an encoding", e);
        }
    }
}
