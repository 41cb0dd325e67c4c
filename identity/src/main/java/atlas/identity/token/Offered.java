package atlas.identity.token;

import atlas.core.Sensitive;
import atlas.identity.Presented;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The one credential of a token request, wherever it stands: in the headers, as the subject of the
 * form, or as a client's secret. Two that differ are no credential at all.
 */
sealed interface Offered {

    /** Which credential is meant cannot be told. */
    record Unclear(String reason) implements Offered {}

    /**
     * What the authenticator is asked.
     *
     * @param inBody whether it is the subject of the form
     * @param client the client id that came with a secret; empty without
     * @param token the text without its scheme; empty where a certificate is all there is
     */
    record One(Presented presented, boolean inBody, Optional<String> client, String token)
            implements Offered {
        @Override
        public String toString() {
            return "One[" + client.orElse("") + "]";
        }
    }

    static Offered of(Presented presented, TokenForm form) {
        if (presented.authorization().size() + presented.apiKey().size() > 1) {
            return new Unclear("two_credentials");
        }
        Optional<String> subject = form.one("subject_token");
        Optional<String> secret = form.one("client_secret");
        boolean inHeader = !presented.authorization().isEmpty() || !presented.apiKey().isEmpty();
        if (subject.isPresent() && secret.isPresent()) {
            return new Unclear("two_credentials");
        }
        Optional<Basic> basic = inHeader ? Basic.read(presented) : Optional.empty();
        if (basic.isPresent()) {
            return subject.isPresent() || secret.isPresent()
                    ? new Unclear("two_credentials")
                    : client(presented, basic.get());
        }
        if (secret.isPresent()) {
            return inHeader
                    ? new Unclear("two_credentials")
                    : client(presented, new Basic(form.one("client_id").orElse(""), secret.get()));
        }
        if (inHeader) {
            String header = header(presented);
            return subject.isPresent() && !same(subject.get(), header)
                    ? new Unclear("two_credentials")
                    : new One(presented, false, Optional.empty(), header);
        }
        return subject.isPresent()
                ? new One(with(presented, subject.get()), true, Optional.empty(), subject.get())
                : new One(presented, false, Optional.empty(), "");
    }

    private static Offered client(Presented presented, Basic basic) {
        return new One(
                with(presented, basic.secret), true, Optional.of(basic.client), basic.secret);
    }

    private static Presented with(Presented presented, String credential) {
        return new Presented(
                List.of(Sensitive.of("Bearer " + credential)),
                List.of(),
                presented.proofs(),
                presented.peer(),
                presented.request());
    }

    private static String header(Presented presented) {
        if (!presented.apiKey().isEmpty()) {
            return presented.apiKey().getFirst().reveal();
        }
        String value = presented.authorization().getFirst().reveal();
        return value.substring(value.indexOf(' ') + 1).strip();
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    /** Client id and secret of RFC 6749 §2.3.1; each is form-encoded before they are joined. */
    record Basic(String client, String secret) {
        private static final String SCHEME = "basic ";

        static Optional<Basic> read(Presented presented) {
            if (presented.authorization().isEmpty()) {
                return Optional.empty();
            }
            String value = presented.authorization().getFirst().reveal();
            if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
                return Optional.empty();
            }
            String pair;
            try {
                byte[] bytes = Base64.getDecoder().decode(value.substring(SCHEME.length()).strip());
                pair = new String(bytes, StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
            int colon = pair.indexOf(':');
            if (colon < 0) {
                return Optional.empty();
            }
            Optional<String> client = TokenForm.decode(pair.substring(0, colon));
            Optional<String> secret = TokenForm.decode(pair.substring(colon + 1));
            return client.isPresent() && secret.isPresent()
                    ? Optional.of(new Basic(client.get(), secret.get()))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return "Basic[" + client + "]";
        }
    }
}
