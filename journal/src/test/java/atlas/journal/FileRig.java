package atlas.journal;

import atlas.journal.store.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A journal in a directory of its own. */
final class FileRig implements Rig {
    private final Path home;
    private Optional<NthWrite> fault = Optional.empty();

    FileRig(Path home) {
        this.home = home;
    }

    @Override
    public Sampled publishing() {
        return Sampled.oneIn(1);
    }

    @Override
    public Journal open(Path ignored) {
        return Journals.open(home, Clock.systemUTC());
    }

    @Override
    public Journal openBreaking(Path ignored, int nth, boolean persists) {
        NthWrite set = new NthWrite(nth, persists);
        fault = Optional.of(set);
        return Journals.open(home, Clock.systemUTC(), disk -> breaking(disk, set));
    }

    /** Fails what publishing does: files put in place, names made durable. */
    private static Disk breaking(Disk disk, NthWrite fault) {
        return new Disk() {
            @Override
            public Segment create(Path path, java.nio.ByteBuffer beginning, long bytes)
                    throws IOException {
                return disk.create(path, beginning, bytes);
            }

            @Override
            public Segment open(Path path) throws IOException {
                return disk.open(path);
            }

            @Override
            public void replace(Path path, byte[] content) throws IOException {
                fault.run(() -> disk.replace(path, content));
            }

            @Override
            public void syncDirectory(Path directory) throws IOException {
                fault.run(() -> disk.syncDirectory(directory));
            }

            @Override
            public void delete(Path path) throws IOException {
                fault.run(() -> disk.delete(path));
            }

            @Override
            public long usable(Path directory) throws IOException {
                return disk.usable(directory);
            }
        };
    }

    @Override
    public boolean broke() {
        return fault.map(NthWrite::reached).orElse(false);
    }

    @Override
    public Path log() {
        return home.resolve("journal");
    }

    @Override
    public List<String> kept() {
        return texts(home);
    }

    static List<String> texts(Path directory) {
        List<String> texts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                texts.add(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }

    @Override
    public List<String> arguments() {
        return List.of("file", home.toString());
    }

    @Override
    public void close() {
        // Nothing but files.
    }
}
