package atlas.journal;

import java.nio.file.Path;

class PostgresFolderContractTest extends JournalContract {
    @Override
    Rig rig(Path directory) {
        return SharedRig.overFolder(FileJournalContractTest.created(directory));
    }
}
