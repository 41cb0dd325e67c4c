package atlas.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Programs that run elsewhere on this machine: in a network namespace, or just beside us. */
final class Namespaces {
    private Namespaces() {}

    /** What a program said. */
    record Said(int status, String out, String err) {}

    /** Runs this very command in a namespace; its streams are ours. */
    static int again(String namespace, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(inside(namespace));
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).inheritIO().start();
        return finished(process);
    }

    static List<String> inside(@Nullable String namespace) {
        if (namespace == null) {
            return List.of();
        }
        if (!namespace.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
            throw Stop.usage("`" + namespace + "` is not the name of a namespace");
        }
        return List.of("ip", "netns", "exec", namespace);
    }

    /** Runs a program to its end and takes what it printed. */
    static Said run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).start();
            process.getOutputStream().close();
            // What one of the streams holds must not stop the other.
            var err = new StringBuilder();
            Thread reader =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    err.append(text(process.getErrorStream()));
                                } catch (IOException e) {
                                    err.append(e.getMessage());
                                }
                            });
            String out = text(process.getInputStream());
            int status = finished(process);
            reader.join();
            return new Said(status, out, err.toString().strip());
        } catch (IOException e) {
            throw Stop.unknown("cannot run `" + command.getFirst() + "`: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Stop.unknown("interrupted");
        }
    }

    private static String text(java.io.InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int finished(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw Stop.unknown("interrupted");
        }
    }
}
