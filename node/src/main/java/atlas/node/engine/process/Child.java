package atlas.node.engine.process;

import atlas.node.engine.EngineException;
import atlas.node.memory.SealedMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A running engine process and the directory its socket lies in. */
final class Child implements AutoCloseable {
    private static final int STOP_SECONDS = 5;

    private final Process process;
    private final Path directory;

    private Child(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
    }

    /** Makes a directory that only this process and its child can enter. */
    static Path directory(Path parent, Sandbox sandbox) {
        try {
            Files.createDirectories(parent);
            Path made = Files.createTempDirectory(parent, "engine-");
            if (sandbox.otherUser()) {
                Files.setAttribute(made, "unix:uid", Sandbox.NOBODY);
            }
            return made;
        } catch (IOException e) {
            throw new EngineException("no directory for the engine's socket", e);
        }
    }

    /**
     * Starts the engine with the weights as its standard input and an environment that holds only
     * its key. What it prints is discarded: engines print prompts.
     */
    static Child start(
            List<String> command,
            Map<String, String> environment,
            Path directory,
            SealedMemory weights) {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectInput(weights.path().toFile())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new Child(kept(builder), directory);
    }

    /**
     * Starts a process on a thread that lives for as long as the process does: what the kernel does
     * to a child whose parent died, it does when the thread that started it ends.
     */
    private static Process kept(ProcessBuilder builder) {
        CompletableFuture<Process> started = new CompletableFuture<>();
        Thread.ofPlatform().daemon(true).name("engine-keeper").start(() -> keep(builder, started));
        try {
            return started.join();
        } catch (CompletionException e) {
            throw new EngineException("the engine could not be started", e.getCause());
        }
    }

    private static void keep(ProcessBuilder builder, CompletableFuture<Process> started) {
        try {
            Process process = builder.start();
            started.complete(process);
            process.waitFor();
        } catch (IOException | RuntimeException e) {
            started.completeExceptionally(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Waits a moment for the process to end; true when it has. */
    boolean endsWithin(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /**
     * Ends the engine and all it started. What surrounds it waits for the engine and passes no
     * signal on: the engine, which holds weights in the clear, is ended first.
     */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(directory.resolve(ProcessEngine.SOCKET));
            Files.deleteIfExists(directory);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("the engine's socket could not be removed", e);
        }
    }
}
