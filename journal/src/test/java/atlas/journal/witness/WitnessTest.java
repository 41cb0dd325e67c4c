package atlas.journal.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.journal.JournalException;
import atlas.journal.witness.WitnessAnswer.Conflict;
import atlas.journal.witness.WitnessAnswer.Cosigned;
import atlas.journal.witness.WitnessAnswer.Malformed;
import atlas.journal.witness.WitnessAnswer.UnknownLog;
import atlas.journal.witness.WitnessAnswer.Unproved;
import atlas.journal.witness.WitnessAnswer.Unsigned;
import atlas.tlog.AddCheckpoint;
import atlas.tlog.CheckpointText;
import atlas.tlog.Cosigner;
import atlas.tlog.Cosigner.Algorithm;
import atlas.tlog.NoteSigner;
import atlas.tlog.SignedNote;
import atlas.tlog.TreeHasher;
import atlas.tlog.TreeReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class WitnessTest {
    private static final String ORIGIN = "log.example/a";
    private static final Clock CLOCK =
            Clock.fixed(Instant.ofEpochSecond(1_790_000_000L), ZoneOffset.UTC);

    private final NoteSigner log = NoteSigner.generate(ORIGIN);
    private final RecordTree tree = new RecordTree();
    private final TreeReader<RuntimeException> proofs = new TreeReader<>(tree::node);
    private final MemoryLedger ledger = new MemoryLedger();
    private final List<Cosigner> cosigners =
            List.of(
                    Cosigner.generate("witness.example/w", Algorithm.ED25519),
                    Cosigner.generate("witness.example/w", Algorithm.ML_DSA_44));
    private final Witness witness = open();

    private Witness open() {
        return Witness.open(cosigners, List.of(log.verifierKey()), ledger, CLOCK);
    }

    private String note(long size) {
        return note(size, tree.root((int) size));
    }

    private String note(long size, Digest root) {
        return log.sign(new CheckpointText(ORIGIN, size, root).text());
    }

    /** The tree hashes with one digest, so one thread at a time. */
    private synchronized byte[] request(long old, long size) {
        List<Digest> proof = old == 0 ? List.of() : proofs.consistency(old, size);
        return new AddCheckpoint(old, proof, note(size)).bytes();
    }

    private static byte[] request(long old, List<Digest> proof, String note) {
        return new AddCheckpoint(old, proof, note).bytes();
    }

    private long kept() {
        String[] lines = new String(ledger.kept.get(ORIGIN), StandardCharsets.UTF_8).split("\n", 3);
        return Long.parseLong(lines[1]);
    }

    @Test
    void cosignsWhatFollowsAndKeepsItFirst() throws Exception {
        assertThat(witness.add(request(0, 7))).isInstanceOf(Cosigned.class);
        WitnessAnswer answer = witness.add(request(7, 300));

        assertThat(answer).isInstanceOf(Cosigned.class);
        String lines = ((Cosigned) answer).lines();
        SignedNote cosigned =
                SignedNote.parse((note(300) + lines).getBytes(StandardCharsets.UTF_8));
        assertThat(cosigned.check(witness.verifierKeys()))
                .hasSize(2)
                .allSatisfy(by -> assertThat(by.time()).contains(1_790_000_000L));
        assertThat(kept()).isEqualTo(300);
        byte[] shown = witness.latest(Hashes.sha256(ORIGIN).hex()).orElseThrow();
        assertThat(new String(shown, StandardCharsets.UTF_8)).isEqualTo(note(300) + lines);
        assertThat(witness.latest(Hashes.sha256("log.example/b").hex())).isEmpty();
    }

    @Test
    void cosignsTheSameCheckpointAgain() {
        witness.add(request(0, 7));

        assertThat(witness.add(request(7, List.of(), note(7)))).isInstanceOf(Cosigned.class);
        assertThat(witness.add(request(7, List.of(tree.root(7)), note(7))))
                .isInstanceOf(Unproved.class);
    }

    @Test
    void cosignsAnEmptyTreeThatIsEmpty() {
        assertThat(witness.add(request(0, List.of(), note(0, tree.root(1)))))
                .isInstanceOf(Unproved.class);
        assertThat(witness.add(request(0, 0))).isInstanceOf(Cosigned.class);
        assertThat(witness.add(request(0, 5))).isInstanceOf(Cosigned.class);
        assertThat(note(0)).contains("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assertThat(TreeHasher.emptyRoot()).isEqualTo(tree.root(0));
    }

    @Test
    void knowsOnlyItsLogs() {
        NoteSigner other = NoteSigner.generate("log.example/b");
        String note = other.sign(new CheckpointText("log.example/b", 1, tree.root(1)).text());

        assertThat(witness.add(request(0, List.of(), note))).isEqualTo(new UnknownLog());
        // The origin decides whose keys count, not the name on the line.
        String borrowed = other.sign(new CheckpointText(ORIGIN, 1, tree.root(1)).text());
        assertThat(witness.add(request(0, List.of(), borrowed))).isInstanceOf(Unsigned.class);
        assertThat(ledger.kept).isEmpty();
    }

    @Test
    void refusesSignaturesThatAreNotTheLogs() {
        String impostor =
                NoteSigner.generate(ORIGIN)
                        .sign(new CheckpointText(ORIGIN, 1, tree.root(1)).text());
        String moved = note(1).replace(ORIGIN + "\n1\n", ORIGIN + "\n2\n");

        assertThat(witness.add(request(0, List.of(), impostor))).isInstanceOf(Unsigned.class);
        assertThat(witness.add(request(0, List.of(), moved))).isInstanceOf(Unsigned.class);
        // A stranger's line beside the log's own does no harm.
        String extra = impostor.substring(impostor.indexOf("\u2014"));
        assertThat(witness.add(request(0, List.of(), note(1) + extra)))
                .isInstanceOf(Cosigned.class);
    }

    @Test
    void saysWhichSizeItHasWhenTheProofStartsElsewhere() {
        witness.add(request(0, 7));

        assertThat(witness.add(request(0, 9))).isEqualTo(new Conflict(7));
        assertThat(witness.add(request(6, 9))).isEqualTo(new Conflict(7));
        assertThat(witness.add(request(8, 9))).isEqualTo(new Conflict(7));
        assertThat(witness.add(request(5, 5))).isEqualTo(new Conflict(7));
        assertThat(new Conflict(7).reply().mediaType()).isEqualTo("text/x.tlog.size");
        assertThat(new String(new Conflict(7).reply().body(), StandardCharsets.UTF_8))
                .isEqualTo("7\n");
    }

    @Test
    void refusesAProofFromMoreThanTheCheckpointHas() {
        witness.add(request(0, 7));

        assertThat(witness.add(request(8, List.of(), note(7)))).isInstanceOf(Malformed.class);
    }

    @Test
    void refusesWhatDoesNotFollow() {
        RecordTree fork = RecordTree.forkedAt(6);
        TreeReader<RuntimeException> forked = new TreeReader<>(fork::node);
        witness.add(request(0, 7));

        assertThat(witness.add(request(7, forked.consistency(7, 20), note(20, fork.root(20)))))
                .isInstanceOf(Unproved.class);
        assertThat(witness.add(request(7, proofs.consistency(7, 20), note(20, fork.root(20)))))
                .isInstanceOf(Unproved.class);
        assertThat(witness.add(request(7, List.of(), note(20)))).isInstanceOf(Unproved.class);
        List<Digest> longer = new ArrayList<>(proofs.consistency(7, 20));
        longer.add(tree.root(1));
        assertThat(witness.add(request(7, longer, note(20)))).isInstanceOf(Unproved.class);
        assertThat(kept()).isEqualTo(7);
    }

    @Test
    void keepsTheOtherTreeOfOneSizeAsEvidence() {
        witness.add(request(0, 7));
        String other = note(7, Hashes.sha256("fork"));

        assertThat(witness.add(request(7, List.of(), other))).isInstanceOf(Unproved.class);
        assertThat(ledger.accused).containsExactly(other);
        assertThat(kept()).isEqualTo(7);
    }

    @Test
    void refusesAProofBeforeTheFirstCheckpoint() {
        assertThat(witness.add(request(0, List.of(tree.root(1)), note(7))))
                .isInstanceOf(Unproved.class);
        assertThat(ledger.kept).isEmpty();
    }

    @Test
    void callsMalformedWhatIsNoRequest() {
        String[] bodies = {
            "",
            "old 0\n\nnonsense\n",
            "old 0\n\n" + ORIGIN + "\n1\n",
            "old 0\n\n" + note(1).replace("\n1\n", "\n01\n"),
            "old 0\n" + note(1),
            "old 9223372036854775808\n\n" + note(1),
        };
        for (String body : bodies) {
            assertThat(witness.add(body.getBytes(StandardCharsets.UTF_8)))
                    .as(body)
                    .isInstanceOf(Malformed.class);
        }
    }

    @Test
    void cosignsNothingThatItCouldNotKeep() {
        witness.add(request(0, 7));
        ledger.failsAfter = true;

        assertThatThrownBy(() -> witness.add(request(7, 9)))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("restart it");
        ledger.failsAfter = false;
        // What the disk holds is unknown now, so it stays at that until it is read again.
        assertThatThrownBy(() -> witness.add(request(7, 9))).isInstanceOf(JournalException.class);
        assertThat(open().add(request(7, 9))).isEqualTo(new Conflict(9));
    }

    @Test
    void remembersAfterARestart() {
        witness.add(request(0, 7));
        Witness again = open();

        assertThat(again.add(request(0, 7))).isEqualTo(new Conflict(7));
        assertThat(again.add(request(7, 9))).isInstanceOf(Cosigned.class);
    }

    @Test
    void refusesALedgerThatItDidNotWrite() {
        witness.add(request(0, 7));
        byte[] note = ledger.kept.get(ORIGIN);
        ledger.kept.put(
                ORIGIN,
                new String(note, StandardCharsets.UTF_8)
                        .replace("\n7\n", "\n6\n")
                        .getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(this::open)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("cannot be believed");

        ledger.kept.put(ORIGIN, note(7).getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(this::open).isInstanceOf(JournalException.class);
    }

    @Test
    void neverGoesBackWhenManyAskAtOnce() throws Exception {
        int askers = 24;
        CountDownLatch ready = new CountDownLatch(1);
        List<Long> cosigned = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 1; i <= askers; i++) {
                long size = 10L * i;
                all.add(
                        many.submit(() -> {
                            ready.await();
                            long old = 0;
                            while (old <= size) {
                                WitnessAnswer answer = witness.add(request(old, size));
                                if (!(answer instanceof Conflict conflict)) {
                                    assertThat(answer).isInstanceOf(Cosigned.class);
                                    cosigned.add(size);
                                    break;
                                }
                                old = conflict.size();
                            }
                            return size;
                        }));
            }
            ready.countDown();
            for (Future<?> one : all) {
                one.get();
            }
        }

        assertThat(kept()).isEqualTo(10L * askers);
        assertThat(cosigned).contains(10L * askers).doesNotHaveDuplicates();
    }
}
