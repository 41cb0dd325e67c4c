package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.journal.store.SharedShelf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two who believe to integrate: whoever was succeeded changes nothing any more. */
class IntegratorFencingTest {
    private static final String END_OFFICES =
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d"
                    + " ON d.oid = l.database WHERE d.datname = current_database()"
                    + " AND l.locktype = 'advisory' AND l.objid = 3";

    @TempDir Path home;

    /** Stops whoever writes, before or after the nth write, until let go. */
    private static final class StallingShelf implements SharedShelf {
        private final SharedShelf shelf;
        private final int nth;
        private final boolean after;
        private int writes;
        private final CountDownLatch stalled = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);

        StallingShelf(SharedShelf shelf, int nth, boolean after) {
            this.shelf = shelf;
            this.nth = nth;
            this.after = after;
        }

        private void at(boolean now) throws IOException {
            if (now == after) {
                writes++;
                if (writes == nth) {
                    stalled.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }
            }
        }

        @Override
        public byte[] read(String name) throws IOException {
            return shelf.read(name);
        }

        @Override
        public void put(String name, byte[] content) throws IOException {
            at(false);
            shelf.put(name, content);
            at(true);
        }

        @Override
        public void sync() throws IOException {
            at(false);
            shelf.sync();
            at(true);
        }

        @Override
        public void keep(String name, byte[] content) throws IOException {
            shelf.keep(name, content);
        }

        @Override
        public List<String> names(String folder) throws IOException {
            return shelf.names(folder);
        }

        @Override
        public void remove(String name) throws IOException {
            at(false);
            shelf.remove(name);
            at(true);
        }

        @Override
        public boolean swap(String name, byte[] expected, byte[] content) throws IOException {
            at(false);
            boolean swapped = shelf.swap(name, expected, content);
            at(true);
            return swapped;
        }

        @Override
        public void close() throws IOException {
            shelf.close();
        }
    }

    @Test
    void whoeverIsSucceededInAnyStepPublishesNothingAndLaterFollows() throws Exception {
        SharedRig rig = SharedRig.overFolder(home);
        rig.open(home.resolve("one")).close();
        long size = 0;
        // The first three writes begin a log that is there already: they stall nobody's publishing.
        for (int nth = 3; nth <= 14; nth++) {
            size = stalledAt(rig, nth, nth % 2 == 0, size);
        }
        try (Journal last = rig.open(home.resolve("one"))) {
            assertThat(last.checkpointNow().size()).isEqualTo(size);
        }
        assertThat(JournalVerifier.verify(rig.log(), Optional.empty()))
                .isInstanceOf(Verification.Holds.class);
    }

    private long stalledAt(SharedRig rig, int nth, boolean after, long before) throws Exception {
        StallingShelf[] shelf = new StallingShelf[1];
        Journal first =
                rig.open(
                        home.resolve("one"),
                        "control",
                        real -> {
                            shelf[0] = new StallingShelf(real, nth, after);
                            return shelf[0];
                        });
        try (Journal second = rig.open(home.resolve("two"))) {
            long size = before;
            // As often as it takes to come to the nth write.
            while (shelf[0].stalled.getCount() > 0) {
                Journals.fill(first, 9);
                size += 9;
                Waiting.until(
                        () ->
                                shelf[0].stalled.getCount() == 0
                                        || first.health().checkpointed() == first.size(),
                        () -> String.valueOf(first.health()));
            }
            TestPostgres.shared().run(rig.database(), END_OFFICES);
            Journals.fill(second, 5);
            long expected = size + 5;
            assertThat(second.checkpointNow().size()).as("step %d", nth).isEqualTo(expected);
            shelf[0].go.countDown();
            Waiting.until(
                    () -> first.health().checkpointed() == expected,
                    () -> String.valueOf(first.health()));
            assertThat(first.checkpoint().root()).isEqualTo(second.checkpoint().root());
            Journals.fill(first, 3);
            assertThat(second.checkpointNow().size()).isGreaterThanOrEqualTo(expected);
            assertThat(first.checkpointNow().size()).isEqualTo(expected + 3);
            assertThat(JournalVerifier.verify(rig.log(), Optional.empty()))
                    .as("step %d", nth)
                    .isInstanceOf(Verification.Holds.class);
            return expected + 3;
        } finally {
            shelf[0].go.countDown();
            first.close();
        }
    }
}
