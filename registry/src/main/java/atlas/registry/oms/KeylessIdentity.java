package atlas.registry.oms;

/**
 * Somebody who signs without a key of their own: what a certificate says of them, and who vouched
 * for it. Both are compared exactly.
 *
 * @param subject an e-mail address, or the URI of a workflow
 * @param issuer the OpenID Connect issuer that told who it is
 */
public record KeylessIdentity(String subject, String issuer) {
    public KeylessIdentity {
        if (subject.isBlank() || issuer.isBlank()) {
            throw new OmsException("an identity and its issuer are never empty", null);
        }
    }
}
