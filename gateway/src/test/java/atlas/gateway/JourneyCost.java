package atlas.gateway;

import atlas.guard.GuardConfig;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;

/**
 * Measures what the journey costs in CPU time per request, without network, disk and TLS, with the
 * real policy, guard and filter. Run its main with the test class path; not a test.
 */
final class JourneyCost {
    private static final int ROUNDS = 5;
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private JourneyCost() {}

    public static void main(String[] args) {
        int requests = args.length > 0 ? Integer.parseInt(args[0]) : 20_000;
        String prompt = "Tell me in two sentences how a heat pump works in winter. ".repeat(6);
        String body = World.body("llama", prompt, ",\"temperature\":0.7,\"max_tokens\":64");
        String streamed = body.substring(0, body.length() - 1) + ",\"stream\":true}";
        String reply = "It moves heat from the cold outside into the house. ".repeat(6);
        String whole = World.WHOLE.replace("hello", reply);
        StringBuilder stream = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            stream.append("data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[")
                    .append("{\"index\":0,\"delta\":{\"content\":\"word ")
                    .append(i)
                    .append(" \"},\"finish_reason\":null}]}\n\n");
        }
        String chunks = stream + World.STREAM;

        report("chat, in-memory rooms", requests, plain(whole), body);
        report("chat, real guard and filter", requests, real(whole), body);
        report("stream of 200 chunks, in-memory", requests / 10, plainStream(chunks), streamed);
        report("stream of 200 chunks, real", requests / 10, realStream(chunks), streamed);
    }

    private static Supplier<World> plain(String whole) {
        return () -> {
            World world = new World();
            world.engine = () -> FakeResponse.json(200, whole);
            world.journal.forget();
            return world;
        };
    }

    private static Supplier<World> real(String whole) {
        return () -> real(plain(whole).get());
    }

    private static Supplier<World> plainStream(String chunks) {
        return () -> {
            World world = new World();
            world.engine = () -> FakeResponse.stream(chunks);
            world.journal.forget();
            return world;
        };
    }

    private static Supplier<World> realStream(String chunks) {
        return () -> real(plainStream(chunks).get());
    }

    private static World real(World world) {
        PromptGuard guard = PromptGuard.load(GuardConfig.defaults());
        OutputFilter filter = OutputFilter.load(GuardConfig.defaults());
        world.guard = guard::inspect;
        world.filter = filter::open;
        return world;
    }

    private static void report(String what, int requests, Supplier<World> make, String body) {
        World world = make.get();
        FrontDoor door = world.door();
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            world.sent.clear();
            long before = cpu();
            for (int i = 0; i < requests; i++) {
                FakeExchange exchange = World.ask("ada", "/v1/chat/completions", body);
                door.handle(exchange.inPiecesOf(1500));
                if (exchange.status != 200) {
                    throw new AssertionError(exchange.text());
                }
            }
            best = Math.min(best, (cpu() - before) / 1e3 / requests);
        }
        OUT.printf("%-34s %8.1f us of CPU per request%n", what, best);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
