package atlas.journal.witness;

import atlas.core.crypto.Hashes;
import atlas.journal.JournalException;
import atlas.tlog.AddCheckpoint;
import atlas.tlog.CheckpointText;
import atlas.tlog.Cosigner;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A C2SP witness: cosigns a checkpoint of a log it knows when it is shown that it follows from the
 * last one it cosigned, and nothing else ever.
 *
 * <p>Promises: the comparison with the last checkpoint and the keeping of the new one are one step
 * per log, and the new one is durable before its cosignature exists. When the ledger fails once,
 * what is on the disk is unknown, and nothing is cosigned until it was opened anew. Thread-safe;
 * blocks on the ledger. Never throws on hostile input.
 */
public final class Witness {
    private static final Logger LOG = LoggerFactory.getLogger(Witness.class);

    private final List<NoteVerifierKey> own;
    private final Supplier<List<Cosigner>> cosigners;
    private final Map<String, Known> logs;
    private final Ledger ledger;
    private final Clock clock;
    private volatile @Nullable IOException broken;

    private Witness(
            Supplier<List<Cosigner>> cosigners,
            Map<String, Known> logs,
            Ledger ledger,
            Clock clock) {
        this.cosigners = cosigners;
        this.own = cosigners.get().stream().map(Cosigner::verifierKey).toList();
        this.logs = logs;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** A log and the last checkpoint cosigned of it; itself the lock under which that changes. */
    private static final class Known {
        private final String origin;
        private final List<NoteVerifierKey> keys = new ArrayList<>();

        /** Changed under this object's lock, after it is durable. */
        private volatile @Nullable Seen seen;

        Known(String origin) {
            this.origin = origin;
        }

        long size() {
            Seen last = seen;
            return last == null ? 0 : last.text.size();
        }
    }

    private record Seen(CheckpointText text, byte[] note) {}

    /**
     * A witness of the logs with these keys; several keys of one name are of one log.
     *
     * @throws JournalException when what the ledger holds for one of them was not cosigned here, or
     *     cannot be read
     */
    public static Witness open(
            List<Cosigner> cosigners, List<NoteVerifierKey> keys, Ledger ledger, Clock clock) {
        List<Cosigner> held = List.copyOf(cosigners);
        return open(() -> held, keys, ledger, clock);
    }

    /**
     * As the other; who cosigns is asked for at every cosignature, so that keys that were taken
     * back sign nothing more. What the supplier throws then goes to whoever asked, and nothing was
     * cosigned.
     */
    public static Witness open(
            Supplier<List<Cosigner>> cosigners,
            List<NoteVerifierKey> keys,
            Ledger ledger,
            Clock clock) {
        Map<String, Known> logs = new LinkedHashMap<>();
        for (NoteVerifierKey key : keys) {
            logs.computeIfAbsent(key.name(), Known::new).keys.add(key);
        }
        Witness witness = new Witness(cosigners, logs, ledger, clock);
        for (Known log : logs.values()) {
            witness.load(log);
        }
        return witness;
    }

    private void load(Known log) {
        try {
            Optional<byte[]> note = ledger.latest(log.origin);
            if (note.isPresent()) {
                log.seen = seen(log, note.get());
            }
        } catch (IOException | MalformedException e) {
            throw new JournalException(
                    "the last checkpoint cosigned of `"
                            + log.origin
                            + "` cannot be believed: "
                            + e.getMessage()
                            + "; without it the log could be shown to others as it never was. Put"
                            + " the ledger's file back as it was, or start a new witness in"
                            + " another home",
                    e);
        }
    }

    private Seen seen(Known log, byte[] note) throws MalformedException {
        SignedNote signed = SignedNote.parse(note);
        signed.verify(own);
        signed.verify(log.keys);
        CheckpointText text = CheckpointText.parse(signed.text());
        if (!text.origin().equals(log.origin)) {
            throw new MalformedException("it is of `" + text.origin() + "`");
        }
        return new Seen(text, note);
    }

    /** The keys that others verify its cosignatures with. */
    public List<NoteVerifierKey> verifierKeys() {
        return own;
    }

    /**
     * Answers {@code add-checkpoint} as C2SP tlog-witness spells it in HTTP.
     *
     * @throws JournalException when the ledger failed: nothing was cosigned
     */
    public WitnessDoor.Reply answer(byte[] body) {
        return add(body).reply();
    }

    WitnessAnswer add(byte[] body) {
        AddCheckpoint request;
        SignedNote note;
        CheckpointText text;
        try {
            request = AddCheckpoint.parse(body);
            note = SignedNote.parse(request.checkpointBytes());
            text = CheckpointText.parse(note.text());
        } catch (MalformedException e) {
            return new WitnessAnswer.Malformed(String.valueOf(e.getMessage()));
        }
        Known log = logs.get(text.origin());
        if (log == null) {
            return new WitnessAnswer.UnknownLog();
        }
        List<SignedNote.Checked> signatures;
        try {
            signatures = note.check(log.keys);
        } catch (MalformedException e) {
            return new WitnessAnswer.Unsigned(String.valueOf(e.getMessage()));
        }
        if (signatures.isEmpty()) {
            return new WitnessAnswer.Unsigned("no key known for this log signed the checkpoint");
        }
        if (request.old() > text.size()) {
            return new WitnessAnswer.Malformed("the old size is larger than the checkpoint's");
        }
        List<SignedNote.Line> lines = signatures.stream().map(SignedNote.Checked::line).toList();
        synchronized (log) {
            return follow(log, request, text, new SignedNote(note.text(), lines));
        }
    }

    private WitnessAnswer follow(
            Known log, AddCheckpoint request, CheckpointText text, SignedNote note) {
        refuseWhenBroken();
        Seen last = log.seen;
        if (last != null && text.size() == last.text.size() && !same(text, last.text)) {
            contradicted(log, note);
        }
        if (request.old() != log.size()) {
            return new WitnessAnswer.Conflict(log.size());
        }
        if (text.size() == 0 && !text.root().equals(TreeHasher.emptyRoot())) {
            return new WitnessAnswer.Unproved("an empty tree has the root of nothing");
        }
        boolean follows =
                request.old() == 0
                        ? request.proof().isEmpty()
                        : last != null && request.leadsFrom(last.text.root(), text);
        if (!follows) {
            LOG.atWarn()
                    .addKeyValue("origin", log.origin)
                    .addKeyValue("old", request.old())
                    .addKeyValue("size", text.size())
                    .log("a checkpoint does not follow from the last one cosigned");
            return new WitnessAnswer.Unproved("the proof does not lead from the last checkpoint");
        }
        return cosign(log, text, note);
    }

    private static boolean same(CheckpointText a, CheckpointText b) {
        return a.root().equals(b.root());
    }

    /** The log signed two trees of one size: whoever sees both notes needs no other proof. */
    private void contradicted(Known log, SignedNote note) {
        LOG.atError()
                .addKeyValue("origin", log.origin)
                .addKeyValue("size", log.size())
                .log("the log signed two different trees of one size");
        try {
            ledger.accuse(log.origin, note.bytes());
        } catch (IOException e) {
            LOG.atError().setCause(e).log("evidence against a log not kept");
        }
    }

    private WitnessAnswer cosign(Known log, CheckpointText text, SignedNote note) {
        long now = clock.instant().getEpochSecond();
        StringBuilder lines = new StringBuilder();
        for (Cosigner cosigner : cosigners.get()) {
            lines.append(cosigner.line(text, now));
        }
        byte[] kept = (note.note() + lines).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try {
            ledger.keep(log.origin, kept);
        } catch (IOException e) {
            broken = e;
            LOG.atError().setCause(e).log("witness ledger failed; nothing more is cosigned");
            refuseWhenBroken();
        }
        log.seen = new Seen(text, kept);
        return new WitnessAnswer.Cosigned(lines.toString());
    }

    private void refuseWhenBroken() {
        IOException cause = broken;
        if (cause != null) {
            throw new JournalException("the witness's ledger failed; restart it to go on", cause);
        }
    }

    /**
     * The latest checkpoint cosigned of the log whose origin has this SHA-256, in hex; with the
     * signatures of log and witness.
     */
    public Optional<byte[]> latest(String originHash) {
        return logs.values().stream()
                .filter(log -> Hashes.sha256(log.origin).hex().equals(originHash))
                .findFirst()
                .map(log -> log.seen)
                .map(Seen::note);
    }
}
