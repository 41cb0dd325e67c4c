package atlas.journal;

import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A disk that tells of every file that is opened to be written into again. */
record ObservedDisk(Disk disk, Consumer<Path> opened) implements Disk {

    @Override
    public Segment create(Path path, ByteBuffer beginning, long bytes) throws IOException {
        return disk.create(path, beginning, bytes);
    }

    @Override
    public Segment open(Path path) throws IOException {
        opened.accept(path);
        return disk.open(path);
    }

    @Override
    public void replace(Path path, byte[] content) throws IOException {
        disk.replace(path, content);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        disk.syncDirectory(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public long usable(Path directory) throws IOException {
        return disk.usable(directory);
    }
}
