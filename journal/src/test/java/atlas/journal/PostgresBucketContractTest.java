package atlas.journal;

import java.nio.file.Path;
import java.util.Optional;

class PostgresBucketContractTest extends JournalContract {
    @Override
    Rig rig(Path directory) {
        return new SharedRig(
                FileJournalContractTest.created(directory),
                TestPostgres.shared(),
                Optional.of(new TestBucket()));
    }
}
