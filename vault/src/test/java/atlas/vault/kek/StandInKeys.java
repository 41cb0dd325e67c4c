package atlas.vault.kek;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The keys behind a stand-in for a key service: real AES-256-GCM, which can be disabled. */
final class StandInKeys {
    private final Map<String, byte[]> keys = new ConcurrentHashMap<>();
    volatile boolean disabled;

    private byte[] key(String name) {
        return keys.computeIfAbsent(
                name,
                _ -> {
                    byte[] key = new byte[32];
                    new SecureRandom().nextBytes(key);
                    return key;
                });
    }

    byte[] encrypt(String name, byte[] plain, String aad) throws GeneralSecurityException {
        byte[] iv = new byte[12];
        new SecureRandom().nextBytes(iv);
        byte[] sealed = cipher(Cipher.ENCRYPT_MODE, name, iv, aad).doFinal(plain);
        byte[] all = Arrays.copyOf(iv, iv.length + sealed.length);
        System.arraycopy(sealed, 0, all, iv.length, sealed.length);
        return all;
    }

    /** Empty when it was not encrypted so. */
    Optional<byte[]> decrypt(String name, byte[] encrypted, String aad)
            throws GeneralSecurityException {
        if (encrypted.length < 28) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    cipher(Cipher.DECRYPT_MODE, name, Arrays.copyOf(encrypted, 12), aad)
                            .doFinal(encrypted, 12, encrypted.length - 12));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, String name, byte[] iv, String aad)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key(name), "AES"), new GCMParameterSpec(128, iv));
        cipher.updateAAD(aad.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
