package atlas.journal;

import atlas.core.AuditLog.Receipt;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Records from eight threads in a process of its own, prints every receipt, until it is killed. */
final class ContractWriter {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private ContractWriter() {}

    public static void main(String[] args) throws Exception {
        Path member = Path.of(args[0]);
        List<String> arguments = List.of(args).subList(1, args.length);
        Journal journal =
                arguments.getFirst().equals("file")
                        ? new FileRig(Path.of(arguments.get(1))).open(member)
                        : SharedRig.openElsewhere(arguments, member);
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 8; w++) {
            writers.add(Thread.startVirtualThread(() -> write(journal)));
        }
        for (Thread writer : writers) {
            writer.join();
        }
    }

    private static void write(Journal journal) {
        for (int i = 0; i < 100_000; i++) {
            Receipt receipt = journal.append(Facts.act(i));
            OUT.println(receipt.index() + " " + receipt.leafHash().hex());
        }
    }
}
