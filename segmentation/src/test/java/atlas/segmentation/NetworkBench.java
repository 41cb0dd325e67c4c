package atlas.segmentation;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.Proof;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** How long a large policy takes: {@code NetworkBench SEGMENTS FLOWS [FILE-FOR-NFT]}. */
final class NetworkBench {
    private static final int ROUNDS = 3;

    private NetworkBench() {}

    public static void main(String[] args) throws Exception {
        int segments = Integer.parseInt(args[0]);
        int flows = Integer.parseInt(args[1]);
        PrintStream out =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true);
        String policy = policy(segments, flows);
        for (int round = 1; round <= ROUNDS; round++) {
            long start = System.nanoTime();
            long cpu = processor();
            AccessGraph graph = Policies.graph(policy);
            long read = System.nanoTime();
            Compiled compiled = Target.NFTABLES.compile(graph);
            long proved = System.nanoTime();
            long used = processor();
            out.printf(
                    "round %d: %d segments, %d flows: read %.2f s, compiled and proved %.2f s,"
                            + " together %.2f s (%.2f s of processor time), text %.1f MB%n",
                    round,
                    graph.segments().size(),
                    graph.flows().size(),
                    seconds(start, read),
                    seconds(read, proved),
                    seconds(start, proved),
                    seconds(cpu, used),
                    compiled.text().length() / 1e6);
            if (args.length > 2) {
                Files.writeString(Path.of(args[2]), compiled.text());
            }
            if (round == ROUNDS) {
                weakened(graph, compiled.text(), out);
            }
        }
    }

    private static void weakened(AccessGraph graph, String text, PrintStream out) throws Exception {
        String changed = text.replaceFirst(" tcp \\. ([0-9]+) comment", " tcp . 1-$1 comment");
        Proof proof = Target.NFTABLES.prove(changed, graph);
        out.printf("one widened element: %s%n", proof.differences().getFirst());
    }

    /** Of this process, its compiler and collector included. */
    private static long processor() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    private static String policy(int segments, int flows) {
        SplittableRandom random = new SplittableRandom(1);
        StringBuilder text = new StringBuilder("network_policy:\n");
        int each = flows / segments;
        for (int i = 0; i < segments; i++) {
            text.append("  s").append(i).append(":\n    egress:\n");
            int stride = 1 + random.nextInt(segments - 1);
            for (int j = 0; j < each; j++) {
                int to = (i + 1 + (int) ((long) j * stride % (segments - 1))) % segments;
                text.append("      - {to: s").append(to);
                text.append(", port: ").append(1024 + j * 700 + random.nextInt(600)).append("}\n");
            }
        }
        text.append("segments:\n");
        for (int i = 0; i < segments; i++) {
            text.append("  s").append(i).append(": [10.").append(i / 250).append('.');
            text.append(i % 250).append(".0/24, \"fd00:").append(Integer.toHexString(i + 1));
            text.append("::/64\"]\n");
        }
        return text.toString();
    }
}
