package atlas.vault;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.KeyUsed;
import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import atlas.core.crypto.Sealer;
import atlas.vault.Keyring.WrappedKey;
import atlas.vault.VaultStatus.KeyStatus;
import atlas.vault.VaultStatus.PurposeStatus;
import atlas.vault.VaultStatus.TenantStatus;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key hierarchy: KEK, then a key per tenant, then keys per purpose; each wrapped by the one
 * above for exactly its place, all versioned.
 *
 * <p>Promises: a key is stored, wrapped and durable, before it seals anything; every making,
 * releasing and turning of a key is told to the audit before it takes effect, and does not take
 * effect when telling fails; old versions open for ever. Refuses a directory another process has
 * open, and a keyring that was altered or made under another KEK. Making and releasing keys blocks
 * on the KEK and the disk; sealing under a released key does not. Thread-safe.
 */
public final class KeyVault implements AutoCloseable {
    private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final KekProvider kek;
    private final Clock clock;
    private final Consumer<KeyUsed> audit;
    private final FileChannel lock;
    private final KeyringFile file;
    private final Map<String, SecretKeySpec> released = new ConcurrentHashMap<>();
    // Written under this monitor only; read anywhere.
    private volatile Keyring keyring;
    private volatile boolean closed;

    private KeyVault(
            KekProvider kek,
            Clock clock,
            Consumer<KeyUsed> audit,
            FileChannel lock,
            KeyringFile.Opened opened) {
        this.kek = kek;
        this.clock = clock;
        this.audit = audit;
        this.lock = lock;
        this.file = opened.file();
        this.keyring = opened.keyring();
    }

    /**
     * Opens the vault in a directory, making both when absent.
     *
     * @param audit told before a key is made, released or turned; throws to forbid it. It runs
     *     while the vault is held, so it must hand on and not wait for anything that seals
     * @throws VaultException when the directory is in use, or the keyring cannot be trusted
     * @throws KeyUnavailableException when the KEK cannot be used now
     */
    public static KeyVault open(Path dir, KekProvider kek, Clock clock, Consumer<KeyUsed> audit) {
        FileChannel lock = lock(dir);
        try {
            KeyringFile.Opened opened = KeyringFile.open(dir.resolve("keyring"), kek);
            return new KeyVault(kek, clock, audit, lock, opened);
        } catch (RuntimeException e) {
            unlock(lock);
            throw e;
        }
    }

    private static FileChannel lock(Path dir) {
        try {
            DurableFile.makeDirectory(dir);
            FileChannel channel =
                    FileChannel.open(
                            dir.resolve("lock"),
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE);
            try {
                if (channel.tryLock() != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                channel.close();
                throw inUse(dir, e);
            }
            channel.close();
            throw inUse(dir, null);
        } catch (IOException e) {
            throw new VaultException("cannot open the vault in `" + dir + "`", e);
        }
    }

    private static VaultException inUse(Path dir, @Nullable Exception cause) {
        return new VaultException(
                "the vault in `" + dir + "` is open in another process; stop that one first",
                cause);
    }

    private static void unlock(FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new VaultException("cannot let go of the vault's lock", e);
        }
    }

    /** Seals under the current key of a purpose, opens under any; stays valid over rotations. */
    public Sealer sealer(Purpose purpose, String tenant) {
        String slot = Keyring.slot(checked(tenant), purpose);
        ensure(tenant, purpose);
        return new PurposeSealer(slot);
    }

    /** Seals whole objects, each under its own key, wrapped by the tenant's key for weights. */
    public ObjectSealer objects(String tenant) {
        return new FloeObjects(sealer(Purpose.WEIGHTS, tenant), tenant);
    }

    /**
     * The key of one sealed object, for somebody who holds the object and may have it: whoever asks
     * this has decided that, and has recorded it.
     *
     * @param wrapped as it stands in the object
     * @throws atlas.core.crypto.SealBrokenException when it is not the key of this object
     */
    public Sensitive<byte[]> releaseObjectKey(ObjectContext context, byte[] wrapped) {
        Sealer keys = sealer(Purpose.WEIGHTS, context.tenant());
        return Sensitive.of(keys.open(wrapped, FloeObjects.keyPlace(context)));
    }

    /** The tree of keys, without the keys. */
    public VaultStatus status() {
        Keyring now = keyring;
        List<TenantStatus> tenants = new ArrayList<>();
        for (String slot : now.slots().keySet()) {
            if (slot.indexOf('/') < 0) {
                List<PurposeStatus> purposes = new ArrayList<>();
                for (Purpose purpose : Purpose.values()) {
                    List<WrappedKey> keys = now.keys(Keyring.slot(slot, purpose));
                    if (!keys.isEmpty()) {
                        purposes.add(new PurposeStatus(purpose, statuses(keys)));
                    }
                }
                tenants.add(new TenantStatus(slot, statuses(now.keys(slot)), purposes));
            }
        }
        return new VaultStatus(kek.status(), tenants);
    }

    private List<KeyStatus> statuses(List<WrappedKey> keys) {
        Instant now = clock.instant();
        return keys.stream()
                .map(key ->
                        new KeyStatus(
                                key.version(),
                                key.created(),
                                Duration.between(key.created(), now),
                                key.version() == keys.getLast().version()))
                .toList();
    }

    /**
     * Makes a new key for a purpose; from now on it seals. Returns its version.
     *
     * @throws KeyUnavailableException when the KEK cannot be used now; nothing changed
     */
    public synchronized int rotate(Purpose purpose, String tenant) {
        String slot = Keyring.slot(checked(tenant), purpose);
        WrappedKey parent = tenantKey(tenant);
        return make(slot, tenant, purpose.name(), parent, "rotated").version();
    }

    private synchronized void ensure(String tenant, Purpose purpose) {
        String slot = Keyring.slot(tenant, purpose);
        if (keyring.current(slot).isEmpty()) {
            make(slot, tenant, purpose.name(), tenantKey(tenant), "made");
        }
    }

    private WrappedKey tenantKey(String tenant) {
        String slot = Keyring.slot(tenant);
        return keyring.current(slot).orElseGet(() -> make(slot, tenant, "", null, "made"));
    }

    // INVARIANT: told, then stored, then usable; a failure at any step leaves the step before.
    private WrappedKey make(
            String slot, String tenant, String purpose, @Nullable WrappedKey parent, String act) {
        requireOpen();
        int version = keyring.nextVersion(slot);
        byte[] key = SealFormat.newKey();
        try {
            byte[] place = place(slot, version);
            byte[] wrapped =
                    parent == null
                            ? kek.wrap(key, place)
                            : SealFormat.seal(
                                    release(Keyring.slot(tenant), parent),
                                    parent.version(),
                                    key,
                                    place);
            tell(act, slot, version, purpose);
            WrappedKey made =
                    new WrappedKey(
                            version,
                            parent == null ? 0 : parent.version(),
                            clock.instant(),
                            wrapped);
            Keyring next = keyring.with(slot, made);
            file.save(next);
            released.put(slot + "#" + version, new SecretKeySpec(key, "HmacSHA256"));
            keyring = next;
            return made;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private SecretKeySpec release(String slot, WrappedKey key) {
        SecretKeySpec held = released.get(slot + "#" + key.version());
        return held != null ? held : unwrap(slot, key);
    }

    private synchronized SecretKeySpec unwrap(String slot, WrappedKey key) {
        requireOpen();
        String name = slot + "#" + key.version();
        SecretKeySpec held = released.get(name);
        if (held != null) {
            return held;
        }
        byte[] plain;
        try {
            plain = unwrapped(slot, key);
        } catch (SealBrokenException e) {
            throw new VaultException("the wrapped key `" + name + "` does not unwrap", e);
        }
        tell("released", slot, key.version(), purposeOf(slot));
        SecretKeySpec fresh = new SecretKeySpec(plain, "HmacSHA256");
        Arrays.fill(plain, (byte) 0);
        released.put(name, fresh);
        return fresh;
    }

    private byte[] unwrapped(String slot, WrappedKey key) {
        byte[] place = place(slot, key.version());
        if (key.parent() == 0) {
            return kek.unwrap(key.wrapped(), place);
        }
        String tenantSlot = slot.substring(0, slot.indexOf('/'));
        WrappedKey parent =
                keyring.keys(tenantSlot).stream()
                        .filter(candidate -> candidate.version() == key.parent())
                        .findFirst()
                        .orElseThrow(() ->
                                new VaultException(
                                        "the keyring lacks the tenant key above `" + slot + "`",
                                        null));
        return SealFormat.open(release(tenantSlot, parent), key.wrapped(), place);
    }

    private static byte[] place(String slot, int version) {
        return ("atlas-key/1\n" + slot + "\n" + version).getBytes(StandardCharsets.US_ASCII);
    }

    private static String purposeOf(String slot) {
        return slot.substring(slot.indexOf('/') + 1);
    }

    private void tell(String act, String slot, int version, String purpose) {
        audit.accept(new KeyUsed(Actor.system("vault"), act, slot, version, purpose, kek.uri()));
    }

    private static String checked(String tenant) {
        if (!TENANT.matcher(tenant).matches()) {
            throw new IllegalArgumentException("not a tenant name: `" + tenant + "`");
        }
        return tenant;
    }

    private void requireOpen() {
        if (closed) {
            throw new KeyUnavailableException("the vault is closed", null);
        }
    }

    /** Forgets every key and lets another process in; sealers made before fail from now on. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            released.clear();
            unlock(lock);
        }
    }

    /** The sealer of one purpose; looks the key up anew for every message. */
    private final class PurposeSealer implements Sealer {
        private final String slot;

        PurposeSealer(String slot) {
            this.slot = slot;
        }

        @Override
        public byte[] seal(byte[] plaintext, byte[] associatedData) {
            requireOpen();
            WrappedKey key = keyring.current(slot).orElseThrow();
            return SealFormat.seal(release(slot, key), key.version(), plaintext, associatedData);
        }

        @Override
        public byte[] open(byte[] sealed, byte[] associatedData) {
            requireOpen();
            int version = SealFormat.version(sealed);
            for (WrappedKey key : keyring.keys(slot)) {
                if (key.version() == version) {
                    return SealFormat.open(release(slot, key), sealed, associatedData);
                }
            }
            throw new SealBrokenException(
                    "sealed bytes name key version "
                            + version
                            + " of `"
                            + slot
                            + "`, which this vault does not hold",
                    null);
        }
    }
}
