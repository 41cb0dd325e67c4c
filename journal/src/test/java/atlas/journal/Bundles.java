package atlas.journal;

import atlas.journal.store.Disk;
import atlas.journal.store.KeptCheckpoints;
import atlas.journal.store.TileStore;
import atlas.journal.store.TreeBuilder;
import atlas.tlog.MalformedException;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Entry bundles taken apart, and logs made of given entries. */
final class Bundles {
    private Bundles() {}

    static List<byte[]> entries(byte[] bundle) {
        List<byte[]> entries = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bundle);
        while (in.hasRemaining()) {
            byte[] entry = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(entry);
            entries.add(entry);
        }
        return entries;
    }

    /** A journal directory, closed in order, that holds these entries. */
    static void begin(Path home, JournalKeys keys, List<byte[]> entries)
            throws IOException, MalformedException {
        Layout layout = new Layout(home.resolve("journal"));
        for (Path directory : List.of(layout.root(), layout.wal(), layout.scratch())) {
            Files.createDirectories(directory);
        }
        Disk disk = Disk.real(layout.scratch());
        TileStore store = new TileStore(disk, layout.root());
        TreeBuilder tree = TreeBuilder.load(0, (_, _, _) -> new byte[0]);
        KeptCheckpoints kept =
                KeptCheckpoints.open(
                        disk, layout.root(), keys.signer(), KeptCheckpoints.Spacing.standard());
        Integrator integrator =
                new Integrator(
                        store,
                        keys.signer(),
                        new Integrator.Edge(tree, List.of()),
                        (_, note) -> {
                            disk.replace(layout.signed(), note);
                            kept.add(new String(note, StandardCharsets.UTF_8));
                            disk.replace(layout.checkpoint(), note);
                        },
                        new Gaps());
        for (byte[] entry : entries) {
            integrator.add(entry, new TreeHasher().leaf(entry));
        }
        integrator.publish();
        Files.writeString(layout.verifierKey(), keys.vkey() + "\n");
        Files.write(layout.closed(), (entries.size() + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
