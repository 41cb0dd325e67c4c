package atlas.registry.sigstore;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Sigstore trusted root: the logs, certificate authorities and timestamp authorities that count,
 * each for its time.
 */
public record TrustedRoot(
        List<Log> logs,
        List<Log> certificateLogs,
        List<Authority> certificateAuthorities,
        List<Authority> timestampAuthorities) {
    private static final int MOST = 64;
    private static final String MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot";

    /** A span of time, both ends included. */
    public record Validity(Instant start, Optional<Instant> end) {
        boolean covers(Instant time) {
            return !time.isBefore(start) && end.map(last -> !time.isAfter(last)).orElse(true);
        }
    }

    /** A transparency log: of signatures, or of certificates. */
    public record Log(byte[] id, byte[] checkpointId, PublicKey key, Validity validity) {}

    /** A chain, the issuing end first, the root last. */
    public record Authority(List<X509Certificate> chain, Validity validity) {}

    public static TrustedRoot parse(byte[] json) throws Unproven {
        Fields root = Fields.parse(json, "the trusted root");
        String type = root.text("mediaType");
        boolean known =
                type.equals(MEDIA_TYPE + "+json;version=0.1")
                        || type.matches("\\Q" + MEDIA_TYPE + "\\E\\.v0\\.[12](\\.[0-9]+)?\\+json");
        if (!known) {
            throw new Unproven("the trusted root is of an unknown version");
        }
        root.only("mediaType", "tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities");
        return new TrustedRoot(
                logs(root.objects("tlogs", MOST)),
                logs(root.objects("ctlogs", MOST)),
                authorities(root.objects("certificateAuthorities", MOST)),
                authorities(root.objects("timestampAuthorities", MOST)));
    }

    private static List<Log> logs(List<Fields> listed) throws Unproven {
        List<Log> logs = new ArrayList<>();
        for (Fields log : listed) {
            Fields key = log.object("publicKey");
            byte[] id = log.object("logId").base64("keyId");
            byte[] checkpointId =
                    log.has("checkpointKeyId") ? log.object("checkpointKeyId").base64("keyId") : id;
            if (checkpointId.length < 4) {
                throw new Unproven("a log of the trusted root has too short an id");
            }
            logs.add(
                    new Log(
                            id,
                            checkpointId,
                            Checks.key(key.base64("rawBytes")),
                            validity(key.object("validFor"))));
        }
        return logs;
    }

    private static List<Authority> authorities(List<Fields> listed) throws Unproven {
        List<Authority> authorities = new ArrayList<>();
        for (Fields authority : listed) {
            List<X509Certificate> chain = new ArrayList<>();
            for (Fields certificate : authority.object("certChain").objects("certificates", MOST)) {
                chain.add(Checks.certificate(certificate.base64("rawBytes")));
            }
            if (chain.isEmpty()) {
                throw new Unproven("an authority of the trusted root has no certificate");
            }
            authorities.add(
                    new Authority(List.copyOf(chain), validity(authority.object("validFor"))));
        }
        return authorities;
    }

    private static Validity validity(Fields validFor) throws Unproven {
        try {
            return new Validity(
                    Instant.parse(validFor.text("start")),
                    validFor.has("end")
                            ? Optional.of(Instant.parse(validFor.text("end")))
                            : Optional.empty());
        } catch (DateTimeException e) {
            throw new Unproven("a time of the trusted root is not one of RFC 3339");
        }
    }
}
