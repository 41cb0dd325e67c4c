package atlas.journal;

import atlas.core.AuditEvent.SubjectErased;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.KeyUnavailableException;
import atlas.journal.search.SearchIndex;
import atlas.journal.search.Terms;
import atlas.journal.search.Wanted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases subjects so that a crash at any instant leaves one as it was or erased.
 *
 * <p>The order: a record of which keys go is made durable, so that it is not forgotten; the journal
 * says so, and from then on the erasure is a fact; the keys are overwritten; what the search index
 * knew is forgotten; the record goes. No key is destroyed of which the journal does not say so. A
 * start that finds the record does what is left of it. A start also destroys what the journal says
 * was destroyed, should an older copy of the keys have been put back.
 */
final class Erasures implements JournalSubjects {
    private static final Logger LOG = LoggerFactory.getLogger(Erasures.class);
    private static final String BEGUN = "begun";
    private static final String KIND = "subject.erased";
    private static final int PAGE = 1000;

    private final Ground ground;
    private final JournalKeys journalKeys;
    private final SubjectKeys keys;
    private final LegalHolds holds;
    private final AuditLog journal;
    private final Clock clock;
    private final Consumer<Throwable> poison;

    /** Whether all that the journal says is gone is known to be. */
    private volatile boolean looked;

    Erasures(
            Ground ground,
            JournalKeys journalKeys,
            AuditLog journal,
            Clock clock,
            Consumer<Throwable> poison) {
        this.ground = ground;
        this.journalKeys = journalKeys;
        this.keys = ground.subjects();
        this.holds = new LegalHolds(keys);
        this.journal = journal;
        this.clock = clock;
        this.poison = poison;
    }

    /**
     * What is made durable before anything is destroyed; it names nobody.
     *
     * @param term what the search index finds the subject's entries by
     */
    private record Begun(long term, SubjectErased fact) {
        private static final int HEAD = 5;

        byte[] text() {
            List<String> lines = new ArrayList<>();
            lines.add(Long.toString(term));
            lines.add(fact.requestId());
            lines.add(fact.by());
            lines.add(fact.subject());
            lines.add(fact.reason().replaceAll("\\p{Cntrl}", " "));
            lines.addAll(fact.keys());
            return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        }

        static Begun of(byte[] text) {
            List<String> lines = List.of(new String(text, StandardCharsets.UTF_8).split("\n", -1));
            SubjectErased fact =
                    new SubjectErased(
                            lines.get(1),
                            lines.get(2),
                            lines.get(3),
                            lines.get(4),
                            lines.subList(HEAD, lines.size()));
            return new Begun(Long.parseLong(lines.getFirst()), fact);
        }
    }

    @Override
    public synchronized Erased erase(Order order) throws HeldException {
        Subject subject = new Subject(order.tenant(), order.principal());
        try {
            Optional<Hold> hold = holds.of(subject);
            if (hold.isPresent()) {
                throw new HeldException(hold.get().reason());
            }
            look();
            String record = record(subject);
            Optional<Erased> before = finishBefore(record);
            List<String> labels = keys.labels(subject);
            if (before.isPresent() && labels.isEmpty()) {
                return before.get();
            }
            SubjectErased fact =
                    new SubjectErased(
                            order.requestId(),
                            keys.pseudonym(new Subject(order.tenant(), order.by())),
                            keys.pseudonym(subject),
                            order.reason(),
                            labels);
            Begun begun = new Begun(term(order.principal()), fact);
            keys.keep(record, begun.text());
            return finish(record, begun);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** What an earlier try left to say and to forget must not go with its record. */
    private Optional<Erased> finishBefore(String record) throws IOException {
        byte[] left = keys.kept(BEGUN).get(record);
        return left == null ? Optional.empty() : Optional.of(finish(record, Begun.of(left)));
    }

    private Erased finish(String record, Begun begun) throws IOException {
        SubjectErased fact = begun.fact();
        long entry = journal.append(fact).index();
        carryOut(record, begun);
        return new Erased(fact.subject(), fact.keys(), entry);
    }

    // From here on there is no way back, only forward.
    private void carryOut(String record, Begun begun) throws IOException {
        List<String> labels = begun.fact().keys();
        keys.prove(labels, 0);
        keys.destroy(labels);
        forget(begun.term(), new HashSet<>(labels));
        keys.keep(record, null);
    }

    /** Takes out of the index what it says about entries under keys that are gone. */
    private void forget(long term, Set<String> labels) throws IOException {
        SearchIndex index = ground.search();
        long size = readable();
        Terms terms = new Terms(0, 0, term, 0, 0, 0);
        Wanted wanted = new Wanted(terms, Long.MIN_VALUE, Long.MAX_VALUE);
        EntryReader reader = reader();
        List<Long> gone = new ArrayList<>();
        for (long block = 0; block * SearchIndex.BLOCK < size; block++) {
            BitSet places = index.matching(block, wanted, size);
            for (int at = places.nextSetBit(0); at >= 0; at = places.nextSetBit(at + 1)) {
                long place = block * SearchIndex.BLOCK + at;
                if (labels.contains(reader.envelope(place).keyLabel())) {
                    gone.add(place);
                }
            }
        }
        index.forget(gone);
    }

    private long term(String principal) {
        SearchKeys keysOf = new SearchKeys("", principal, "", "", "");
        return keysOf.blind(ground.indexKey(), Instant.EPOCH).principal();
    }

    private long readable() {
        return Math.min(ground.standing().size, ground.search().size());
    }

    private EntryReader reader() {
        return new EntryReader(ground.store(), ground.standing(), journalKeys, keys);
    }

    /**
     * Finishes what was begun, and destroys again what an older copy of the keys brought back.
     * Nothing of it can be read meanwhile: this runs before the journal is handed out.
     */
    void resume() {
        try {
            look();
            for (Map.Entry<String, byte[]> record : keys.kept(BEGUN).entrySet()) {
                resume(record.getKey(), Begun.of(record.getValue()));
            }
        } catch (KeyUnavailableException e) {
            // Nothing is read before the vault was there: whoever reads looks first.
            LOG.atWarn().setCause(e).log("erasures not looked at");
        } catch (AuditUnavailableException e) {
            LOG.atError().setCause(e).log("an erasure that was begun is not finished yet");
        } catch (IOException e) {
            LOG.atError().setCause(e).log("an erasure could not be finished");
            poison.accept(e);
        }
    }

    private void resume(String record, Begun begun) throws IOException {
        List<String> labels = begun.fact().keys();
        if (!labels.isEmpty() && labels.stream().allMatch(keys::gone)) {
            carryOut(record, begun); // the journal has it already
        } else if (holds.all().stream().anyMatch(hold -> record.equals(record(hold)))) {
            LOG.atWarn().addKeyValue("subject", begun.fact().subject()).log("erasure held back");
            keys.keep(record, null);
        } else {
            LOG.atWarn().addKeyValue("subject", begun.fact().subject()).log("erasure resumed");
            finish(record, begun);
        }
    }

    private String record(Hold hold) {
        return record(new Subject(hold.tenant(), hold.principal()));
    }

    private String record(Subject subject) {
        return BEGUN + "/" + keys.tag(subject).hex();
    }

    /**
     * Learns what the journal says is gone, and sees to it that it is, once.
     *
     * @throws KeyUnavailableException when the vault's key is away, without which nothing can be
     *     told
     */
    void look() throws IOException {
        if (!looked) {
            lookOnce();
        }
    }

    private synchronized void lookOnce() throws IOException {
        if (looked) {
            return;
        }
        long from = keys.proven().looked();
        long size = readable();
        List<String> labels = new ArrayList<>();
        erasuresFrom(from, size).forEach(entry -> labels.addAll(ErasedKeys.of(entry.json())));
        keys.prove(labels, size);
        List<String> back = keys.cameBack();
        if (!back.isEmpty()) {
            LOG.atWarn().addKeyValue("keys", back.size()).log("erased keys came back; destroyed");
            keys.destroy(back);
        }
        looked = true;
    }

    private List<JournalEntry> erasuresFrom(long from, long size) {
        List<JournalEntry> found = new ArrayList<>();
        long after = from - 1;
        while (after < size - 1) {
            SearchResult page =
                    new Search(
                                    ground.search(),
                                    ground.indexKey(),
                                    reader(),
                                    JournalQuery.ofKind(KIND, after, PAGE))
                            .run(size);
            found.addAll(page.entries());
            if (page.complete()) {
                break;
            }
            after = page.lastLooked();
        }
        return found;
    }

    @Override
    public synchronized void hold(String tenant, String principal, String reason) {
        try {
            holds.put(new Hold(tenant, principal, reason, clock.instant()));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized boolean release(String tenant, String principal) {
        try {
            return holds.lift(new Subject(tenant, principal));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public List<Hold> holds() {
        try {
            return holds.all();
        } catch (IOException e) {
            throw new JournalException("the legal holds cannot be read", e);
        }
    }

    @Override
    public String pseudonym(String tenant, String principal) {
        return keys.pseudonym(new Subject(tenant, principal));
    }

    @Override
    public String blind(String words) {
        return keys.blind(words);
    }

    // A write that failed leaves the disk unknown: the journal ends, and its next start looks.
    private JournalException failed(IOException e) {
        poison.accept(e);
        return new JournalException("the keys of subjects cannot be written", e);
    }
}
