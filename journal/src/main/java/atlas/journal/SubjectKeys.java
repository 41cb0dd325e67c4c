package atlas.journal;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import atlas.core.crypto.Sealer;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys entries are sealed under: one for each subject and month, wrapped by the vault, kept
 * beside the journal so that a copy of the journal never brings them along.
 *
 * <p>Promises: a key's wrapped form is durable before an entry under it is ({@link #settle} runs
 * before the entry is written); a key that was destroyed is found nowhere any more. Getting the key
 * of a subject seen this month does no I/O. Thread-safe.
 */
final class SubjectKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SubjectKeys.class);

    /** The most keys of past months kept open for reading. */
    private static final int MOST_OPENED = 4096;

    private static final String NAMES = "names";
    private static final String APPLIED = "applied";
    private static final String PROVEN = APPLIED + "/keys";
    private static final int TRIES = 64;

    private final Disk disk;
    private final Path directory;
    private final Sealer vault;
    private final String origin;
    private final Map<Owner, Current> current = new ConcurrentHashMap<>();

    /** Held while key files are written; nobody who seals waits for it. */
    private final ReentrantLock writing = new ReentrantLock();

    /** What names are made with; absent while the vault has not opened it. */
    private volatile byte @Nullable [] names;

    // All below is guarded by this, which is never held over a write, nor while the vault is asked:
    // it may have to ask the holder of its KEK first, and who has a key already must not wait.
    private final Map<YearMonth, KeyFile> files = new TreeMap<>();
    private final Map<String, KeySlot.Live> unsettled = new LinkedHashMap<>();
    private final Map<String, DataKey> opened =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, DataKey> eldest) {
                    return size() > MOST_OPENED;
                }
            };
    private volatile boolean waiting;

    /**
     * Keys that the journal says are destroyed: what was sealed under them may still arrive, and
     * what lies under any other key that is not there is not erased, but lost.
     */
    private final Set<String> gone = ConcurrentHashMap.newKeySet();

    /** The record of {@code gone}; absent while the vault has not opened it. */
    private volatile @Nullable ProvenErasures proven;

    /** Moves on whenever keys are destroyed or forgotten: what was read before may be gone. */
    private long erasures;

    private record Owner(Subject subject, YearMonth month) {}

    /** What entries of a subject are sealed with now. */
    record Current(DataKey key, String pseudonym) {}

    private SubjectKeys(Disk disk, Path directory, Sealer vault, String origin) {
        this.disk = disk;
        this.directory = directory;
        this.vault = vault;
        this.origin = origin;
    }

    /**
     * Opens the keys of a journal, or begins them. A vault whose key is away is asked again when
     * something is sealed.
     *
     * @throws JournalException when there are keys but not the secret their names are made with
     */
    static SubjectKeys open(Disk disk, Path directory, Sealer vault, String origin)
            throws IOException {
        Files.createDirectories(directory);
        SubjectKeys keys = new SubjectKeys(disk, directory, vault, origin);
        try {
            keys.names();
            keys.proven();
        } catch (KeyUnavailableException e) {
            LOG.atWarn().setCause(e).log("journal keys cannot be opened now");
        }
        return keys;
    }

    /** What the journal was last seen to say about keys that are gone. */
    ProvenErasures proven() throws IOException {
        ProvenErasures known = proven;
        if (known == null) {
            byte[] kept = kept(APPLIED).get(PROVEN);
            known = kept == null ? ProvenErasures.none() : ProvenErasures.of(kept);
            gone.addAll(known.keys());
            proven = known;
        }
        return known;
    }

    /**
     * The journal, of which {@code size} entries were looked at, says that these are destroyed:
     * from now on they are found nowhere, and their subject gets a new one. Durable on return.
     */
    void prove(Collection<String> labels, long size) throws IOException {
        ProvenErasures before = proven();
        ProvenErasures now = before.and(labels, size);
        forget(labels);
        if (!now.equals(before)) {
            keep(PROVEN, now.text());
            proven = now;
        }
    }

    private byte[] names() throws IOException {
        byte[] known = names;
        return known != null ? known : readNames();
    }

    private byte[] readNames() throws IOException {
        Path file = directory.resolve(NAMES);
        byte[] place = place(origin, NAMES, new byte[0]);
        long before = erasures();
        if (!Files.exists(file)) {
            keepNames(file, vault.seal(SealFormat.newKey(), place));
        }
        byte[] read = vault.open(Files.readAllBytes(file), place);
        synchronized (this) {
            if (before == erasures) {
                names = read;
            }
        }
        return read;
    }

    private synchronized void keepNames(Path file, byte[] sealed) throws IOException {
        if (Files.exists(file)) {
            return; // somebody else was first
        }
        if (!months().isEmpty()) {
            throw new JournalException(
                    "`" + file + "` is missing beside keys; restore it from a backup");
        }
        disk.replace(file, sealed);
        disk.syncDirectory(directory);
        disk.syncDirectory(directory.resolveSibling("").normalize());
    }

    private synchronized long erasures() {
        return erasures;
    }

    private static byte[] place(String origin, String what, byte[] owner) {
        byte[] text =
                ("atlas-journal-key/1\n" + origin + "\n" + what + "\n")
                        .getBytes(StandardCharsets.UTF_8);
        byte[] place = Arrays.copyOf(text, text.length + owner.length);
        System.arraycopy(owner, 0, place, text.length, owner.length);
        return place;
    }

    Path directory() {
        return directory;
    }

    /** What rows of a subject are found by; says nothing to whoever lacks our secret. */
    Digest tag(Subject subject) {
        return named(subject, "row");
    }

    /** What a subject is called where its name must not stand; the same for its whole life. */
    String pseudonym(Subject subject) {
        return "p_" + named(subject, "name").hex().substring(0, 32);
    }

    /** What words are called where they must not stand. */
    String blind(String words) {
        return "t_" + named(new Subject("", words), "words").hex().substring(0, 32);
    }

    private Digest named(Subject subject, String use) {
        try {
            byte[] tenant = Hashes.hkdf(names(), new byte[32], use + "\n" + subject.tenant(), 32);
            byte[] principal = subject.principal().getBytes(StandardCharsets.UTF_8);
            return Digest.of(Hashes.hmacSha256(tenant, principal));
        } catch (IOException e) {
            throw new JournalException("the keys in `" + directory + "` cannot be read", e);
        }
    }

    /**
     * The key to seal with; made, but not yet durable, when this subject has none this month.
     *
     * @throws atlas.core.crypto.KeyUnavailableException when the vault cannot wrap it now
     */
    Current current(Subject subject, Instant when) {
        Owner owner = new Owner(subject, YearMonth.from(when.atOffset(ZoneOffset.UTC)));
        Current key = current.get(owner);
        return key != null ? key : currentOrMade(owner);
    }

    private Current currentOrMade(Owner owner) {
        try {
            Digest tag = tag(owner.subject());
            String pseudonym = pseudonym(owner.subject());
            for (int attempt = 0; attempt < TRIES; attempt++) {
                Slot slot = slot(owner, tag);
                Optional<Current> made =
                        slot.taken()
                                ? again(owner, slot, pseudonym)
                                : made(owner, slot, tag, pseudonym);
                if (made.isPresent()) {
                    return made.get();
                }
            }
            throw new JournalException("keys are destroyed as often as one is made");
        } catch (IOException e) {
            throw new JournalException("the keys of " + owner.month() + " cannot be read", e);
        }
    }

    /** Where an owner's key lies, or is going to; good as long as no key was destroyed since. */
    private record Slot(KeyName name, boolean taken, long erasures) {
        String label() {
            return name.label();
        }
    }

    private synchronized Slot slot(Owner owner, Digest tag) throws IOException {
        KeyFile file = file(owner.month());
        Optional<KeyName> there = file.keyOf(tag);
        return new Slot(there.orElseGet(file::next), there.isPresent(), erasures);
    }

    private Optional<Current> again(Owner owner, Slot slot, String pseudonym) {
        return switch (find(slot.label())) {
            case KeyLookup.Found(DataKey key) -> {
                Current found = new Current(key, pseudonym);
                synchronized (this) {
                    if (slot.erasures() != erasures) {
                        yield Optional.empty();
                    }
                    current.put(owner, found);
                }
                yield Optional.of(found);
            }
            case KeyLookup.Erased _ -> Optional.empty();
            case KeyLookup.Lost lost -> throw new JournalException(lost.why());
        };
    }

    private Optional<Current> made(Owner owner, Slot slot, Digest tag, String pseudonym)
            throws IOException {
        byte[] secret = SealFormat.newKey();
        boolean used = false;
        try {
            byte[] wrapped = vault.seal(secret, place(origin, slot.label(), tag.bytes()));
            DataKey key = new DataKey(slot.label(), new SecretKeySpec(secret, "HmacSHA256"));
            synchronized (this) {
                Current there = current.get(owner);
                if (there != null || slot.erasures() != erasures) {
                    return Optional.ofNullable(there);
                }
                used = true;
                file(owner.month()).own(slot.name(), tag);
                // INVARIANT: waiting to be written before anybody can seal with it.
                unsettled.put(slot.label(), new KeySlot.Live(slot.name().mark(), tag, wrapped));
                waiting = true;
                opened.put(slot.label(), key);
                Current made = new Current(key, pseudonym);
                current.put(owner, made);
                return Optional.of(made);
            }
        } finally {
            Arrays.fill(secret, (byte) 0);
            if (!used) {
                giveBack(owner.month(), slot.name().slot());
            }
        }
    }

    private synchronized void giveBack(YearMonth month, int slot) throws IOException {
        file(month).giveBack(slot);
    }

    private synchronized KeyFile file(YearMonth month) throws IOException {
        KeyFile file = files.get(month);
        if (file == null) {
            // A new month: nobody seals under the keys of those before any more.
            current.keySet().removeIf(owner -> owner.month().isBefore(month));
            file = KeyFile.open(disk, path(month), origin);
            files.put(month, file);
        }
        return file;
    }

    private Path path(YearMonth month) {
        return directory.resolve(month.toString());
    }

    /** Makes every key handed out so far durable; cheap when none is new. */
    void settle() throws IOException {
        if (waiting) {
            settleNow();
        }
    }

    private void settleNow() throws IOException {
        writing.lock();
        try {
            Map<String, KeySlot.Live> rows;
            synchronized (this) {
                rows = new LinkedHashMap<>(unsettled);
            }
            Set<KeyFile> touched = new HashSet<>();
            for (Map.Entry<String, KeySlot.Live> row : rows.entrySet()) {
                KeyName label = KeyName.parse(row.getKey());
                KeyFile file = file(label.month());
                file.write(label.slot(), KeySlot.encode(row.getValue()));
                touched.add(file);
            }
            for (KeyFile file : touched) {
                file.force();
            }
            synchronized (this) {
                unsettled.keySet().removeAll(rows.keySet());
                waiting = !unsettled.isEmpty();
            }
        } finally {
            writing.unlock();
        }
    }

    /** Forgets every key in memory; each is unwrapped anew, by the vault, when it is needed. */
    synchronized void forget() {
        erasures++;
        current.clear();
        opened.clear();
        names = null;
    }

    /** The key an entry names. */
    KeyLookup find(String label) {
        while (true) {
            long before;
            synchronized (this) {
                if (gone.contains(label)) {
                    return new KeyLookup.Erased();
                }
                DataKey there = opened.get(label);
                if (there != null) {
                    return new KeyLookup.Found(there);
                }
                before = erasures;
            }
            KeyLookup read = read(label);
            synchronized (this) {
                if (before == erasures) {
                    if (read instanceof KeyLookup.Found(DataKey key)) {
                        opened.put(label, key);
                    }
                    return read;
                }
            }
        }
    }

    private KeyLookup read(String label) {
        try {
            KeyName place = KeyName.parse(label);
            KeySlot waits;
            synchronized (this) {
                waits = unsettled.get(label);
            }
            KeySlot slot = waits != null ? waits : KeyFile.read(path(place.month()), place.slot());
            return switch (slot) {
                case KeySlot.Live live when live.mark().equals(place.mark()) -> {
                    byte[] bound = place(origin, label, live.owner().bytes());
                    byte[] secret = vault.open(live.wrapped(), bound);
                    DataKey key = new DataKey(label, new SecretKeySpec(secret, "HmacSHA256"));
                    Arrays.fill(secret, (byte) 0);
                    yield new KeyLookup.Found(key);
                }
                case KeySlot.Destroyed there when there.mark().equals(place.mark()) ->
                        lost(label, "was overwritten, and no erasure in the journal says so");
                case KeySlot.Live _, KeySlot.Destroyed _ ->
                        lost(label, "is not in `" + directory + "`: its slot is another one's");
                case KeySlot.Empty _ -> lost(label, "is not in `" + directory + "`");
                case KeySlot.Damaged _ -> lost(label, "in `" + directory + "` is damaged");
            };
        } catch (SealBrokenException e) {
            return lost(label, "does not unwrap: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return lost(label, "cannot be read: " + e.getMessage());
        } catch (IOException e) {
            String why = "key `" + label + "` cannot be read: " + e.getMessage();
            return new KeyLookup.Lost(why, false);
        }
    }

    private static KeyLookup lost(String label, String what) {
        return new KeyLookup.Lost("key `" + label + "` " + what, true);
    }

    /** The keys there are of a subject, those not yet durable too. */
    List<String> labels(Subject subject) throws IOException {
        settleNow();
        Digest tag = tag(subject);
        return labels((_, owner) -> owner.equals(tag));
    }

    /** The keys that are there though they were destroyed: an older copy was put back. */
    List<String> cameBack() throws IOException {
        return labels((name, _) -> gone.contains(name.label()));
    }

    private List<String> labels(BiPredicate<KeyName, Digest> wanted) throws IOException {
        List<String> labels = new ArrayList<>();
        for (YearMonth month : months()) {
            try (KeyFile file = KeyFile.open(disk, path(month), origin)) {
                file.keys()
                        .forEach((name, owner) -> {
                            if (wanted.test(name, owner)) {
                                labels.add(name.label());
                            }
                        });
            }
        }
        return labels;
    }

    private List<YearMonth> months() throws IOException {
        List<YearMonth> months = new ArrayList<>();
        try (var paths = Files.newDirectoryStream(directory, "[0-9]*")) {
            for (Path path : paths) {
                months.add(YearMonth.parse(String.valueOf(path.getFileName())));
            }
        }
        months.sort(null);
        return months;
    }

    /**
     * Overwrites keys where they lie, durably; {@link #prove} comes before. Those gone already stay
     * so; when it fails, what is left of them is still found nowhere.
     */
    void destroy(Collection<String> labels) throws IOException {
        Map<YearMonth, List<KeyName>> names = new TreeMap<>();
        for (String label : labels) {
            KeyName name = KeyName.parse(label);
            names.computeIfAbsent(name.month(), _ -> new ArrayList<>()).add(name);
        }
        writing.lock();
        try {
            for (Map.Entry<YearMonth, List<KeyName>> month : names.entrySet()) {
                overwrite(month.getKey(), month.getValue());
            }
        } finally {
            writing.unlock();
        }
    }

    /** Whether the journal says that a key was destroyed. */
    boolean gone(String label) {
        return gone.contains(label);
    }

    private synchronized void forget(Collection<String> labels) {
        erasures++;
        gone.addAll(labels);
        labels.forEach(opened::remove);
        Set<String> now = Set.copyOf(labels);
        current.entrySet().removeIf(entry -> now.contains(entry.getValue().key().label()));
        for (String label : labels) {
            KeyName place = KeyName.parse(label);
            KeyFile file = files.get(place.month());
            if (file != null) {
                file.forget(place);
            }
        }
    }

    private void overwrite(YearMonth month, List<KeyName> names) throws IOException {
        try (KeyFile file = KeyFile.open(disk, path(month), origin)) {
            for (KeyName name : names) {
                // Another key may have got the slot after an older file was put back.
                if (KeyFile.read(path(month), name.slot()) instanceof KeySlot.Live live
                        && live.mark().equals(name.mark())) {
                    KeySlot.Destroyed destroyed = new KeySlot.Destroyed(name.mark());
                    file.write(name.slot(), KeySlot.encode(destroyed));
                }
            }
            file.force();
        }
    }

    /** A sealed record of ours, kept as a file of its own. */
    void keep(String name, byte @Nullable [] content) throws IOException {
        Path file = directory.resolve(name);
        Path folder = file.resolveSibling("").normalize();
        Files.createDirectories(folder);
        if (content == null) {
            disk.delete(file);
        } else {
            disk.replace(file, vault.seal(content, place(origin, name, new byte[0])));
        }
        disk.syncDirectory(folder);
        disk.syncDirectory(directory);
    }

    /** The records kept in a folder, by name. */
    Map<String, byte[]> kept(String folder) throws IOException {
        Map<String, byte[]> found = new TreeMap<>();
        Path path = directory.resolve(folder);
        if (!Files.isDirectory(path)) {
            return found;
        }
        try (var files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                String name = folder + "/" + file.getFileName();
                byte[] sealed = Files.readAllBytes(file);
                found.put(name, vault.open(sealed, place(origin, name, new byte[0])));
            }
        }
        return found;
    }

    @Override
    public synchronized void close() throws IOException {
        for (KeyFile file : files.values()) {
            file.close();
        }
        files.clear();
        current.clear();
        opened.clear();
    }
}
