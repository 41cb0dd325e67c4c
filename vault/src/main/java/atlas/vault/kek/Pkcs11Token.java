package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.vault.KekStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.security.auth.login.LoginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A secret key in a PKCS#11 token (RFC 7512): {@code
 * pkcs11:token=LABEL;object=KEY?module-path=/…/module.so&pin-source=file:…}. The key must not be
 * able to leave the token. Encrypts by AES-GCM in the token, bound to the place.
 *
 * <p>The token may be taken out and put back: a failed call opens it anew once. A wrong PIN is not
 * tried again while the file that holds it is unchanged, for tokens lock after a few.
 */
final class Pkcs11Token implements KeyService {
    static final String SCHEME = "pkcs11";
    static final Set<String> PARAMETERS = Set.of("module-path", "pin-source");

    private static final Set<String> ATTRIBUTES = Set.of("token", "object", "type");
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final long PATIENCE_SECONDS = 5;
    private static final AtomicInteger NAMES = new AtomicInteger();

    /** How often modules were begun anew. */
    private static final AtomicLong BEGUN = new AtomicLong();

    private static final Logger LOG = LoggerFactory.getLogger(Pkcs11Token.class);

    /** Nobody may be inside a module while it is ended and begun again (PKCS#11 2.40, 5.4). */
    private static final ReentrantReadWriteLock MODULES = new ReentrantReadWriteLock();

    private final KekUri uri;
    private final Path module;
    private final SecretFile pin;
    private final String token;
    private final String object;
    private final SecureRandom random = new SecureRandom();

    /** A provider of the JDK's and the key in it, which die when the module begins anew. */
    private record Opened(Provider provider, Key key, long begun) {}

    private volatile @Nullable Opened opened;

    /** Guarded by this: a PIN the token refused. */
    private @Nullable Sensitive<String> refused;

    private volatile boolean closed;

    Pkcs11Token(KekUri uri, Path base) {
        this.uri = uri;
        module = trusted(uri.needFile("module-path", base));
        pin = new SecretFile(uri.needFile("pin-source", base));
        Map<String, String> attributes = attributes(uri.place());
        token = needed(attributes, "token");
        object = needed(attributes, "object");
        if (!attributes.getOrDefault("type", "secret-key").equals("secret-key")) {
            throw new IllegalArgumentException("`type` can only be `secret-key` here");
        }
    }

    // A module is code, and who may name a key must not thereby run code of their own.
    private static Path trusted(Path module) {
        try {
            Path real = module.toRealPath();
            var attributes = Files.readAttributes(real, PosixFileAttributes.class);
            boolean roots = (Integer) Files.getAttribute(real, "unix:uid") == 0;
            boolean others =
                    attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                            || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
            if (attributes.isRegularFile() && roots && !others) {
                return real;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the PKCS#11 module `" + module + "` cannot be read", e);
        }
        throw new IllegalArgumentException(
                "the PKCS#11 module `"
                        + module
                        + "` must be a file that belongs to root and that nobody else may write");
    }

    private static Map<String, String> attributes(String place) {
        Map<String, String> attributes = new HashMap<>();
        for (String pair : place.split(";", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !ATTRIBUTES.contains(name)) {
                // A value might be a PIN.
                throw new IllegalArgumentException(
                        "`" + name + "` is not understood; write `pkcs11:token=LABEL;object=KEY`");
            }
            if (attributes.put(name, KekUri.decoded(pair.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("`" + name + "` is given twice");
            }
        }
        return attributes;
    }

    private static String needed(Map<String, String> attributes, String name) {
        String value = attributes.get(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(
                    "`" + name + "` is missing; write `pkcs11:token=LABEL;object=KEY`");
        }
        return value;
    }

    @Override
    public String uri() {
        return uri.text();
    }

    @Override
    public KekStatus status() {
        String place = token + "/" + object;
        try {
            open();
            byte[] probe = new byte[16];
            if (!Arrays.equals(probe, decrypt(encrypt(probe, "probe"), "probe"))) {
                throw new KeyUnavailableException(
                        "the token does not give back what it took", null);
            }
            return new KekStatus(uri(), true, place, "held by a PKCS#11 token, not extractable");
        } catch (KeyUnavailableException | SealBrokenException e) {
            return new KekStatus(uri(), false, place, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public byte[] encrypt(byte[] plain, String place) {
        byte[] iv = new byte[IV_BYTES];
        random.nextBytes(iv);
        byte[] sealed = withToken(Cipher.ENCRYPT_MODE, iv, plain, place);
        byte[] all = Arrays.copyOf(iv, IV_BYTES + sealed.length);
        System.arraycopy(sealed, 0, all, IV_BYTES, sealed.length);
        return all;
    }

    @Override
    public byte[] decrypt(byte[] encrypted, String place) {
        if (encrypted.length < IV_BYTES + TAG_BITS / 8) {
            throw new SealBrokenException("not wrapped by `" + uri() + "`", null);
        }
        byte[] iv = Arrays.copyOf(encrypted, IV_BYTES);
        byte[] sealed = Arrays.copyOfRange(encrypted, IV_BYTES, encrypted.length);
        return withToken(Cipher.DECRYPT_MODE, iv, sealed, place);
    }

    private byte[] withToken(int mode, byte[] iv, byte[] bytes, String place) {
        Opened before = opened;
        if (before != null) {
            try {
                return run(before, mode, iv, bytes, place);
            } catch (GeneralSecurityException | ProviderException e) {
                // Taken out, put back, or its sessions gone: once more from the start.
                forget(before);
            }
        }
        Opened now = open();
        try {
            return run(now, mode, iv, bytes, place);
        } catch (GeneralSecurityException | ProviderException e) {
            forget(now);
            throw failed(e);
        }
    }

    private byte[] run(Opened with, int mode, byte[] iv, byte[] bytes, String place)
            throws GeneralSecurityException {
        MODULES.readLock().lock();
        try {
            return inside(with, mode, iv, bytes, place);
        } finally {
            MODULES.readLock().unlock();
        }
    }

    private byte[] inside(Opened with, int mode, byte[] iv, byte[] bytes, String place)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", with.provider);
        cipher.init(mode, with.key, new GCMParameterSpec(TAG_BITS, iv));
        cipher.updateAAD(place.getBytes(StandardCharsets.US_ASCII));
        try {
            return cipher.doFinal(bytes);
        } catch (AEADBadTagException e) {
            throw new SealBrokenException("not wrapped by `" + uri() + "`, or altered", e);
        }
    }

    private synchronized Opened open() {
        if (closed) {
            throw new KeyUnavailableException("`" + uri() + "` was let go of", null);
        }
        Opened now = opened;
        if (now != null) {
            return now;
        }
        TokenSlots.Token found = found();
        if (found == null) {
            throw new KeyUnavailableException(
                    "no token `" + token + "` is there in `" + module + "`; put it back", null);
        }
        if (found.pinLocked()) {
            throw KeyUnavailableException.withdrawn(
                    "the PIN of token `"
                            + token
                            + "` is locked; its security officer can set a new one");
        }
        Sensitive<String> secret = pin.read();
        if (refused != null && refused.reveal().equals(secret.reveal())) {
            throw new KeyUnavailableException(
                    "token `"
                            + token
                            + "` refused the PIN in `"
                            + pin.path()
                            + "`; put the right one there",
                    null);
        }
        Opened made;
        MODULES.writeLock().lock();
        try {
            made = opened(found.slot(), secret);
        } finally {
            MODULES.writeLock().unlock();
        }
        refused = null;
        opened = made;
        return made;
    }

    private TokenSlots.@Nullable Token found() {
        MODULES.writeLock().lock();
        try {
            TokenSlots.Token there = TokenSlots.of(module).get(token);
            if (there != null) {
                return there;
            }
            BEGUN.incrementAndGet();
            return TokenSlots.anew(module).get(token);
        } finally {
            MODULES.writeLock().unlock();
        }
    }

    private Opened opened(long slot, Sensitive<String> secret) {
        Provider provider =
                Security.getProvider("SunPKCS11")
                        .configure(
                                "--name=atlas"
                                        + NAMES.incrementAndGet()
                                        + "\nlibrary="
                                        + module.toAbsolutePath()
                                        + "\nslot="
                                        + slot
                                        + "\ndestroyTokenAfterLogout=true\n");
        boolean usable = false;
        char[] digits = secret.reveal().toCharArray();
        try {
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, digits);
            Key key = store.getKey(object, null);
            if (key == null) {
                throw KeyUnavailableException.withdrawn(
                        "token `" + token + "` has no secret key `" + object + "`");
            }
            if (key.getEncoded() != null || !"AES".equals(key.getAlgorithm())) {
                throw KeyUnavailableException.withdrawn(
                        "the key `"
                                + object
                                + "` of token `"
                                + token
                                + "` is "
                                + ("AES".equals(key.getAlgorithm())
                                        ? "extractable; make one that cannot leave the token"
                                        : "of type "
                                                + key.getAlgorithm()
                                                + "; make an AES-256 key"));
            }
            usable = true;
            return new Opened(provider, key, BEGUN.get());
        } catch (GeneralSecurityException | IOException | ProviderException e) {
            if (said(e).contains("CKR_PIN_")) {
                refused = secret;
            }
            throw failed(e);
        } finally {
            Arrays.fill(digits, '\0');
            if (!usable) {
                endSessions(provider);
            }
        }
    }

    private void forget(Opened stale) {
        boolean ours;
        synchronized (this) {
            ours = stale.equals(opened);
            if (ours) {
                opened = null;
            }
        }
        if (ours) {
            letGo(stale);
        }
    }

    // Nobody may be inside, for the sessions they use end here. Those of a module that began anew
    // since are gone, and their numbers may be those of others by now.
    private static void letGo(Opened stale) {
        try {
            // Whoever hangs inside is not waited for.
            if (!MODULES.writeLock().tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            if (stale.begun == BEGUN.get()) {
                endSessions(stale.provider);
            }
        } finally {
            MODULES.writeLock().unlock();
        }
    }

    // Ends the login of all who use the token, too; they are logged in again by their next call.
    private static void endSessions(Provider provider) {
        try {
            ((AuthProvider) provider).logout();
        } catch (LoginException | ProviderException e) {
            LOG.atDebug().setCause(e).log("a PKCS#11 token that is gone takes no leave");
        }
    }

    @Override
    public void close() {
        closed = true;
        Opened last = opened;
        opened = null;
        if (last != null) {
            letGo(last);
        }
    }

    private KeyUnavailableException failed(Exception e) {
        String why = said(e);
        String what = "token `" + token + "` does not let `" + object + "` be used: " + why;
        return why.contains("CKR_PIN_LOCKED") || why.contains("CKR_KEY_FUNCTION_NOT_PERMITTED")
                ? KeyUnavailableException.withdrawn(what)
                : new KeyUnavailableException(what, e);
    }

    // The module's own word for it is at the root of several wrappings.
    private static String said(Throwable e) {
        Throwable root = e;
        for (int depth = 0; depth < 10 && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
