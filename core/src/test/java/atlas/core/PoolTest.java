package atlas.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolTest {
    @Test
    void whatIsGivenBackIsLentAgainAndWhatIsLentIsNot() {
        Pool<Object> pool = new Pool<>(Object::new);
        Object first = pool.take();
        Object second = pool.take();
        pool.give(first);

        assertThat(second).isNotSameAs(first);
        assertThat(pool.take()).isSameAs(first);
    }

    @Test
    void moreThanThereIsRoomForIsLetGo() {
        Pool<Object> pool = new Pool<>(Object::new);
        List<Object> lent = IntStream.range(0, 100).mapToObj(_ -> pool.take()).toList();
        lent.forEach(pool::give);

        List<Object> again = IntStream.range(0, 100).mapToObj(_ -> pool.take()).toList();

        assertThat(again).doesNotHaveDuplicates();
        assertThat(again.stream().filter(lent::contains)).hasSizeBetween(1, 99);
    }

    @Test
    void oneIsNeverLentToTwoAtATime() throws Exception {
        Pool<AtomicBoolean> pool = new Pool<>(AtomicBoolean::new);
        Callable<Integer> user =
                () -> {
                    int clashes = 0;
                    for (int i = 0; i < 20_000; i++) {
                        AtomicBoolean used = pool.take();
                        clashes += used.compareAndSet(false, true) ? 0 : 1;
                        used.set(false);
                        pool.give(used);
                    }
                    return clashes;
                };
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> users = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                users.add(threads.submit(user));
            }
            for (Future<Integer> each : users) {
                assertThat(each.get()).isZero();
            }
        }
    }
}
