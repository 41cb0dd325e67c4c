package atlas.control.login.oidc;

import atlas.core.Sensitive;
import atlas.identity.oidc.RelyingParty.Journey;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A journey as its browser carries it: encrypted under a key of this process, so that beginning to
 * sign in costs us no memory and its secrets are nobody's to read. After a restart it opens no
 * more, and its person signs in again. Thread-safe.
 */
final class SealedJourney {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final byte[] LABEL = "atlas oidc journey 1".getBytes(StandardCharsets.UTF_8);
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int PARTS = 7;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();
    private final Clock clock;

    SealedJourney(Clock clock) {
        this.clock = clock;
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        this.key = new SecretKeySpec(secret, "AES");
    }

    /**
     * What a browser brings back.
     *
     * @param before the session it had when it left, by id
     */
    record Opened(Journey journey, Optional<String> before) {}

    Sensitive<String> seal(Journey journey, Optional<String> before) {
        // None of the parts holds a line break: a provider's name and a location cannot.
        String text =
                String.join(
                        "\n",
                        String.valueOf(clock.instant().getEpochSecond()),
                        journey.provider(),
                        journey.state().reveal(),
                        journey.nonce().reveal(),
                        journey.verifier().reveal(),
                        journey.redirect().toString(),
                        before.orElse(""));
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        byte[] sealed =
                gcm(Cipher.ENCRYPT_MODE, nonce, text.getBytes(StandardCharsets.UTF_8))
                        .orElseThrow(() -> new IllegalStateException("AES-GCM does not seal"));
        byte[] whole = ByteBuffer.allocate(NONCE + sealed.length).put(nonce).put(sealed).array();
        return Sensitive.of(Base64.getUrlEncoder().withoutPadding().encodeToString(whole));
    }

    /** Empty when it is not ours, not whole, or too old. */
    Optional<Opened> open(Sensitive<String> sealed) {
        byte[] whole;
        try {
            whole = Base64.getUrlDecoder().decode(sealed.reveal());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (whole.length <= NONCE) {
            return Optional.empty();
        }
        byte[] nonce = Arrays.copyOf(whole, NONCE);
        return gcm(Cipher.DECRYPT_MODE, nonce, Arrays.copyOfRange(whole, NONCE, whole.length))
                .map(text -> new String(text, StandardCharsets.UTF_8).split("\n", -1))
                .filter(parts -> parts.length == PARTS && fresh(parts[0]))
                .map(parts ->
                        new Opened(
                                new Journey(
                                        parts[1],
                                        Sensitive.of(parts[2]),
                                        Sensitive.of(parts[3]),
                                        Sensitive.of(parts[4]),
                                        URI.create(parts[5])),
                                parts[6].isEmpty() ? Optional.empty() : Optional.of(parts[6])));
    }

    private boolean fresh(String began) {
        Instant when = Instant.ofEpochSecond(Long.parseLong(began));
        return clock.instant().isBefore(when.plus(PATIENCE));
    }

    private Optional<byte[]> gcm(int mode, byte[] nonce, byte[] input) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(LABEL);
            return Optional.of(cipher.doFinal(input));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
