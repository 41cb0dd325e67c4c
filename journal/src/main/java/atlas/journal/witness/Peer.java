package atlas.journal.witness;

import atlas.core.crypto.Hashes;
import atlas.journal.Checkpoint;
import atlas.journal.Journal;
import atlas.tlog.AddCheckpoint;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One witness as the log knows it: asks it, and judges what it answers. Nothing it says is believed
 * but signatures: its own over our checkpoints, and our own over what it claims to have seen.
 */
final class Peer {
    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);
    private static final int MOST_TURNS = 4;

    private final String name;
    private final List<NoteVerifierKey> keys;
    private final WitnessDoor door;
    private final Journal journal;
    private final NoteVerifierKey log;
    private final AtomicBoolean asking = new AtomicBoolean();

    /** The size it last said or cosigned; written by whoever holds {@code asking}. */
    private volatile long size;

    private volatile Finding last = new Finding.Absent("not asked yet");

    Peer(
            String name,
            List<NoteVerifierKey> keys,
            WitnessDoor door,
            Journal journal,
            NoteVerifierKey log) {
        this.name = name;
        this.keys = List.copyOf(keys);
        this.door = door;
        this.journal = journal;
        this.log = log;
    }

    String name() {
        return name;
    }

    long size() {
        return size;
    }

    /** What came of asking it last. */
    Finding last() {
        return last;
    }

    /** Takes it for one question; false while another is under way. */
    boolean take() {
        return asking.compareAndSet(false, true);
    }

    /** Asks for a cosignature over {@code target}; whoever took it calls this once. */
    Finding cosign(Checkpoint target) {
        return asked(() -> turns(target));
    }

    /** Asks what it saw last, and compares; whoever took it calls this once. */
    Finding compare() {
        return asked(() -> compared(new Finding.Absent("it has seen nothing of this log yet")));
    }

    /** A question, and what may go wrong with it. */
    private interface Question {
        Finding ask() throws IOException, MalformedException;
    }

    private Finding asked(Question question) {
        Finding found;
        try {
            found = question.ask();
        } catch (IOException e) {
            found = new Finding.Absent(String.valueOf(e.getMessage()));
        } catch (MalformedException e) {
            found = new Finding.Misbehaves(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("witness", name).log("a witness was not asked");
            found = new Finding.Absent("it was not asked: " + e.getMessage());
        } finally {
            asking.set(false);
        }
        last = found;
        return found;
    }

    private Finding turns(Checkpoint target) throws IOException, MalformedException {
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            long old = size;
            if (old > target.size()) {
                return compared(new Finding.Absent("it is ahead of this checkpoint"));
            }
            WitnessDoor.Reply reply = door.add(request(old, target));
            switch (reply.status()) {
                case 200 -> {
                    Finding cosigned = cosigned(target, reply.body());
                    size = target.size();
                    return cosigned;
                }
                case 409 -> {
                    size = size(reply);
                    if (size == old) {
                        return new Finding.Misbehaves("it refuses the size it says it has");
                    }
                }
                case 422 -> {
                    return compared(new Finding.Misbehaves("it refuses a proof that holds"));
                }
                case 404 -> {
                    return new Finding.Absent("it does not know this log; add its key there");
                }
                default -> {
                    return new Finding.Absent("it answered " + reply.status());
                }
            }
        }
        return new Finding.Absent("its latest size changes as often as it is asked");
    }

    private byte[] request(long old, Checkpoint target) {
        return new AddCheckpoint(
                        old,
                        old == 0 ? List.of() : journal.consistency(old, target.size()),
                        target.note())
                .bytes();
    }

    private static long size(WitnessDoor.Reply reply) throws MalformedException {
        String text = new String(reply.body(), StandardCharsets.ISO_8859_1);
        boolean digits = text.length() < 21 && text.matches("(0|[1-9][0-9]{0,18})\n");
        if (!digits || !reply.mediaType().equals(WitnessAnswer.SIZE_TYPE)) {
            throw new MalformedException("its conflict does not say a size");
        }
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new MalformedException("its size is none");
        }
    }

    private Finding cosigned(Checkpoint target, byte[] lines) throws MalformedException {
        SignedNote ours = SignedNote.parse(target.note().getBytes(StandardCharsets.UTF_8));
        List<SignedNote.Checked> checked =
                new SignedNote(ours.text(), SignedNote.lines(lines)).check(keys);
        List<String> cosignatures = new ArrayList<>();
        for (SignedNote.Checked by : checked) {
            if (by.time().orElse(0L) > 0) {
                cosignatures.add(by.line().text());
            }
        }
        return cosignatures.isEmpty()
                ? new Finding.Misbehaves("it cosigned with no key that the policy has for it")
                : new Finding.Cosigned(cosignatures);
    }

    /**
     * Compares what the witness saw last with what is here.
     *
     * @param otherwise what is found when the two agree
     */
    private Finding compared(Finding otherwise) throws IOException, MalformedException {
        long claimed = size;
        WitnessDoor.Reply reply = door.latest(Hashes.sha256(log.name()).hex());
        if (reply.status() == 404 && claimed == 0) {
            return otherwise;
        }
        if (reply.status() != 200) {
            return new Finding.Misbehaves(
                    "it says that it saw "
                            + claimed
                            + " entries and answers "
                            + reply.status()
                            + " when asked for them");
        }
        // Only our own key makes a claim about our log: without it nothing is shown.
        CheckpointText seen = CheckpointText.verified(reply.body(), log);
        long here = journal.checkpoint().size();
        if (seen.size() > here) {
            here = journal.newestCheckpoint().size();
        }
        if (seen.size() > here) {
            return new Finding.Contradicts(Finding.Kind.ROLLED_BACK, seen, reply.body());
        }
        if (!journal.root(seen.size()).equals(seen.root())) {
            return new Finding.Contradicts(Finding.Kind.FORKED, seen, reply.body());
        }
        size = seen.size();
        return claimed > here
                ? new Finding.Misbehaves(
                        "it says that it saw " + claimed + " entries and shows " + seen.size())
                : otherwise;
    }
}
