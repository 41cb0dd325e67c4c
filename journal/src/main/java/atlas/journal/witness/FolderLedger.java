package atlas.journal.witness;

import atlas.core.crypto.Hashes;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A ledger in a folder: one file per log, named as the read side names it, and beside it what
 * contradicts it.
 */
final class FolderLedger implements Ledger {
    private static final int MOST_EVIDENCE = 16;

    private final Path folder;
    private final Path evidence;
    private final Disk disk;

    private FolderLedger(Path folder, Path evidence, Disk disk) {
        this.folder = folder;
        this.evidence = evidence;
        this.disk = disk;
    }

    /** The ledger in this folder, made when it is not there. */
    static FolderLedger open(Path folder) throws IOException {
        Path scratch = Files.createDirectories(folder.resolve("tmp"));
        Path evidence = Files.createDirectories(folder.resolve("evidence"));
        Disk disk = Disk.real(scratch);
        try (Stream<Path> left = Files.list(scratch)) {
            for (Path file : left.toList()) {
                disk.delete(file);
            }
        }
        disk.syncDirectory(folder);
        return new FolderLedger(folder, evidence, disk);
    }

    @Override
    public Optional<byte[]> latest(String origin) throws IOException {
        Path file = folder.resolve(Hashes.sha256(origin).hex());
        return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    @Override
    public void keep(String origin, byte[] note) throws IOException {
        disk.replace(folder.resolve(Hashes.sha256(origin).hex()), note);
        disk.syncDirectory(folder);
    }

    @Override
    public void accuse(String origin, byte[] note) throws IOException {
        String name = Hashes.sha256(origin).hex() + "-" + Hashes.sha256(note).hex();
        String ofLog = Hashes.sha256(origin).hex() + "-";
        long kept;
        try (Stream<Path> files = Files.list(evidence)) {
            kept = files.filter(f -> String.valueOf(f.getFileName()).startsWith(ofLog)).count();
        }
        if (kept < MOST_EVIDENCE && !Files.exists(evidence.resolve(name))) {
            disk.replace(evidence.resolve(name), note);
            disk.syncDirectory(evidence);
        }
    }
}
