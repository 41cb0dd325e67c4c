package atlas.policy.cedar;

import atlas.policy.PolicyException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Where policies are parsed. The engine's parser goes down one frame of native stack for each level
 * of a policy and does not look how much is left; on a small stack the whole process would end. So
 * levels are few ({@link Bounds}), and parsing has a stack of its own that is larger than they
 * need.
 */
final class DeepStack {
    private static final long BYTES = 64L << 20;
    private static final String NAME = "policy-parser";
    private static final ExecutorService PARSER =
            Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(null, task, NAME, BYTES);
                thread.setDaemon(true);
                return thread;
            });

    private DeepStack() {}

    /**
     * Runs it there and waits.
     *
     * @throws PolicyException when it failed, or waiting was interrupted
     */
    static <T> T run(Callable<T> task) {
        try {
            return Thread.currentThread().getName().equals(NAME)
                    ? task.call()
                    : PARSER.submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PolicyException failed) {
                throw failed;
            }
            throw new PolicyException("the policy engine failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PolicyException("interrupted while policies were parsed", e);
        } catch (PolicyException e) {
            throw e;
        } catch (Exception e) {
            throw new PolicyException("the policy engine failed", e);
        }
    }
}
