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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private static final Logger LOG = LoggerFactory.getLogger(KeyVault.class);
    private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final Clock clock;
    private final Consumer<KeyUsed> audit;
    private final VaultLock lock;
    private final VaultSettings settings;
    private final ReleasedKeys released = new ReleasedKeys();

    /** The KEK and the file whose ring key it wraps: changed together. */
    private record Root(KekProvider kek, KeyringFile file) {}

    // Written under this monitor only; read anywhere.
    private volatile Root root;
    private volatile Keyring keyring;
    private volatile Instant seen;
    private volatile @Nullable Instant asked;
    private volatile boolean closed;

    private KeyVault(
            VaultSettings settings,
            Clock clock,
            Consumer<KeyUsed> audit,
            VaultLock lock,
            Root root,
            Keyring keyring) {
        this.settings = settings;
        this.clock = clock;
        this.audit = audit;
        this.lock = lock;
        this.root = root;
        this.keyring = keyring;
        this.seen = clock.instant();
    }

    /**
     * The KEK that the vault in a directory was last put under; empty when there is no vault. Who
     * wrote it is not known before the vault opens under it.
     */
    public static Optional<String> kekUri(Path dir) {
        return KeyringFile.kekUri(dir.resolve("keyring"));
    }

    /** The URI of the KEK; asks nobody. */
    public String kek() {
        return root.kek.uri();
    }

    /** Whether a tenant has keys; asks nobody. */
    public boolean holds(String tenant) {
        return !keyring.keys(Keyring.slot(tenant)).isEmpty();
    }

    /** Opens the vault in a directory as by default. */
    public static KeyVault open(Path dir, KekProvider kek, Clock clock, Consumer<KeyUsed> audit) {
        return open(dir, kek, VaultSettings.defaults(), clock, audit);
    }

    /**
     * Opens the vault in a directory, making both when absent.
     *
     * @param audit told before a key is made, released or turned; throws to forbid it. It runs
     *     while the vault is held, so it must hand on and not wait for anything that seals
     * @throws VaultException when the directory is in use, or the keyring cannot be trusted
     * @throws KeyUnavailableException when the KEK cannot be used now
     */
    public static KeyVault open(
            Path dir,
            KekProvider kek,
            VaultSettings settings,
            Clock clock,
            Consumer<KeyUsed> audit) {
        VaultLock lock = VaultLock.take(dir);
        try {
            KeyringFile.Opened opened = KeyringFile.open(dir.resolve("keyring"), kek);
            Root root = new Root(kek, opened.file());
            return new KeyVault(settings, clock, audit, lock, root, opened.keyring());
        } catch (RuntimeException e) {
            lock.close();
            throw e;
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
        return new VaultStatus(root.kek.status(), released.shutBecause(), tenants);
    }

    private List<KeyStatus> statuses(List<WrappedKey> keys) {
        Instant now = clock.instant();
        return keys.stream()
                .map(key -> {
                    boolean current = key.version() == keys.getLast().version();
                    return new KeyStatus(
                            key.version(),
                            key.created(),
                            Duration.between(key.created(), now),
                            current,
                            current
                                    ? Optional.of(key.created().plus(settings.rotateEvery()))
                                    : Optional.empty());
                })
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

    /**
     * Makes a new key for a tenant and puts the keys of all its purposes, every version, under it;
     * the old one is dropped. Sealing goes on meanwhile. Returns the new version.
     *
     * @throws KeyUnavailableException when the KEK cannot be used now; nothing changed
     */
    public synchronized int rotateTenant(String tenant) {
        requireOpen();
        String slot = Keyring.slot(checked(tenant));
        tenantKey(tenant);
        int version = keyring.nextVersion(slot);
        byte[] fresh = SealFormat.newKey();
        try {
            SecretKeySpec parent = new SecretKeySpec(fresh, "HmacSHA256");
            WrappedKey above =
                    new WrappedKey(
                            version,
                            0,
                            clock.instant(),
                            root.kek.wrap(fresh, place(slot, version)));
            Map<String, List<WrappedKey>> changed = new TreeMap<>();
            changed.put(slot, List.of(above));
            for (Purpose purpose : Purpose.values()) {
                String below = Keyring.slot(tenant, purpose);
                changed.put(below, under(parent, version, below));
            }
            changed.values().removeIf(List::isEmpty);
            tell("rotated", slot, version, "");
            Keyring next = keyring.replacing(changed);
            root.file.save(next);
            released.put(slot + "#" + version, parent);
            keyring = next;
            return version;
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
    }

    private List<WrappedKey> under(SecretKeySpec parent, int version, String slot) {
        List<WrappedKey> keys = new ArrayList<>();
        for (WrappedKey key : keyring.keys(slot)) {
            byte[] plain = unwrapped(slot, key);
            byte[] wrapped = SealFormat.seal(parent, version, plain, place(slot, key.version()));
            Arrays.fill(plain, (byte) 0);
            keys.add(new WrappedKey(key.version(), version, key.created(), wrapped));
        }
        return keys;
    }

    /**
     * Puts the whole vault under another KEK. Sealing and opening go on meanwhile; after a crash
     * the vault is under the one or the other, whole. The former KEK is let go of, and is needed no
     * more except for backups made under it.
     *
     * @throws KeyUnavailableException when either KEK cannot be used now; nothing changed
     * @throws VaultException when the new one does not give back what it wraps; nothing changed
     */
    public synchronized void rekey(KekProvider to) {
        requireOpen();
        released.requireOpen();
        Root before = root;
        KeyringFile file = before.file.under(to);
        Keyring next = keyring.replacing(Rewrapping.of(keyring, before.kek, to));
        audit.accept(new KeyUsed(Actor.system("vault"), "rekeyed", "kek", 0, "", to.uri()));
        file.save(next);
        root = new Root(to, file);
        keyring = next;
        seen = clock.instant();
        before.kek.close();
    }

    /**
     * Asks the holder of the KEK whether it may still be used. When it says no, or has not been
     * reached for as long as the settings allow, every key in memory is forgotten and nothing is
     * sealed or opened until a later call finds the KEK usable again.
     *
     * @return whether keys are released after this
     */
    public boolean check() {
        Root now = root;
        asked = clock.instant();
        try {
            now.file.probe(now.kek);
            if (closed) {
                return false;
            }
            seen = clock.instant();
            released.open()
                    .ifPresent(why -> {
                        LOG.atInfo().addKeyValue("kek", now.kek.uri()).log("the KEK is back");
                        audit.accept(
                                new KeyUsed(
                                        Actor.system("vault"),
                                        "returned",
                                        "kek",
                                        0,
                                        "",
                                        now.kek.uri() + "; was withheld: " + why));
                    });
            return true;
        } catch (KeyUnavailableException e) {
            boolean longGone = !clock.instant().isBefore(seen.plus(settings.cache()));
            if (e.withdrawn() || longGone) {
                withhold(now, String.valueOf(e.getMessage()));
            }
        } catch (SealBrokenException e) {
            withhold(now, String.valueOf(e.getMessage()));
        } finally {
            asked = null;
        }
        return released.shutBecause().isEmpty();
    }

    /**
     * Forgets every key in memory when the holder was asked and, for as long as the settings allow,
     * did not even fail to answer. Asks nobody, so that it cannot hang as {@link #check} may.
     */
    void lapse() {
        Root now = root;
        Instant since = asked;
        Instant moment = clock.instant();
        if (since != null
                && !moment.isBefore(since.plus(settings.checkInterval()))
                && !moment.isBefore(seen.plus(settings.cache()))
                && released.shutBecause().isEmpty()) {
            withhold(now, "`" + now.kek.uri() + "` was asked at " + since + " and says nothing");
        }
    }

    private void withhold(Root now, String why) {
        // Rekeyed while the former holder was asked: what that one said counts no more.
        if (now.equals(root) && released.shut(why)) {
            LOG.atError()
                    .addKeyValue("kek", now.kek.uri())
                    .addKeyValue("reason", why)
                    .log("the KEK is withheld: all keys forgotten");
        }
    }

    /** Told after all keys were forgotten, so that what was opened with them is forgotten too. */
    public void onForgotten(Runnable listener) {
        released.onForgotten(listener);
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
                            ? root.kek.wrap(key, place)
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
            root.file.save(next);
            released.put(slot + "#" + version, new SecretKeySpec(key, "HmacSHA256"));
            keyring = next;
            return made;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private SecretKeySpec release(String slot, WrappedKey key) {
        SecretKeySpec held = released.get(slot + "#" + key.version());
        if (held != null) {
            return held;
        }
        Root now = root;
        try {
            return unwrap(slot, key);
        } catch (KeyUnavailableException e) {
            // Whoever is told may be waiting for a key of ours: never told while this is held.
            if (e.withdrawn() && !Thread.holdsLock(this)) {
                withhold(now, String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private synchronized SecretKeySpec unwrap(String slot, WrappedKey key) {
        requireOpen();
        String name = slot + "#" + key.version();
        SecretKeySpec held = released.get(name);
        if (held != null) {
            return held;
        }
        released.requireOpen();
        byte[] plain;
        try {
            plain = unwrapped(slot, asItStands(slot, key));
        } catch (SealBrokenException e) {
            throw new VaultException("the wrapped key `" + name + "` does not unwrap", e);
        }
        tell("released", slot, key.version(), purposeOf(slot));
        SecretKeySpec fresh = new SecretKeySpec(plain, "HmacSHA256");
        Arrays.fill(plain, (byte) 0);
        released.put(name, fresh);
        return fresh;
    }

    /** The key as it is wrapped now: the one above it may have been turned meanwhile. */
    private WrappedKey asItStands(String slot, WrappedKey key) {
        return keyring.keys(slot).stream()
                .filter(now -> now.version() == key.version())
                .findFirst()
                .orElse(key);
    }

    private byte[] unwrapped(String slot, WrappedKey key) {
        byte[] place = place(slot, key.version());
        if (key.parent() == 0) {
            return root.kek.unwrap(key.wrapped(), place);
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

    static byte[] place(String slot, int version) {
        return ("atlas-key/1\n" + slot + "\n" + version).getBytes(StandardCharsets.US_ASCII);
    }

    private static String purposeOf(String slot) {
        return slot.substring(slot.indexOf('/') + 1);
    }

    private void tell(String act, String slot, int version, String purpose) {
        audit.accept(
                new KeyUsed(Actor.system("vault"), act, slot, version, purpose, root.kek.uri()));
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
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        released.shut("the vault is closed");
        root.kek.close();
        lock.close();
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
