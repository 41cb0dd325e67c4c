package atlas.vectors;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Adds and removes for ever, and says each change once it is durable; somebody kills it. */
final class KilledWriter {
    /** Items in one change. */
    static final int BATCH = 3;

    private KilledWriter() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out));
        VectorStores stores = new World(Path.of(args[0])).open();
        VectorStore store =
                stores.isEmpty() ? World.make(stores, "ada") : stores.of("default").getFirst();
        Deque<List<VectorItem>> added = new ArrayDeque<>();
        for (int turn = 0; ; turn++) {
            List<NewItem> items = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                items.add(World.item("ada", args[1] + "-" + turn + "-" + i, 1, turn + i));
            }
            store.add(items);
            out.println("+" + names(items.stream().map(item -> item.text().reveal()).toList()));
            out.flush();
            added.add(items.stream().map(item -> store.item(item.id()).orElseThrow()).toList());
            // Two of three changes go again, so that logs are written anew all the time.
            if (turn % 3 != 0) {
                List<VectorItem> gone = added.remove();
                store.remove(gone.stream().map(VectorItem::id).toList());
                out.println("-" + names(gone.stream().map(item -> item.text().reveal()).toList()));
                out.flush();
            }
        }
    }

    private static String names(List<String> texts) {
        return String.join(",", texts);
    }
}
