package dev.errand.issuer.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.policy.StoredPolicies;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.RequestIndex;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.template.TemplateParser;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How often a list of requests asks the store. */
class ListedRequestsTest {
    private static final Duration WAIT = Duration.ofSeconds(20);
    private static final Duration ANSWER = Duration.ofMillis(2);

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final InMemoryTaskStore kept = new InMemoryTaskStore();
    private volatile boolean away;
    private final TaskStore store = new TaskStore() {
        @Override
        public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
            return Mono.defer(() -> {
                        asked.incrementAndGet();
                        most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                        return away
                                ? Mono.<TaskOutcome>error(new StoreUnavailableException("away"))
                                : Mono.delay(ANSWER).then(kept.apply(key, policy, step));
                    })
                    .doOnTerminate(atOnce::decrementAndGet);
        }

        @Override
        public Flux<TaskKey> endings() {
            return Flux.never();
        }

        @Override
        public boolean isAvailable() {
            return true;
        }
    };
    private final ListedRequests listed = new ListedRequests(
            new Requests(store, new StoredPolicies(List::of, new InMemoryStartStore(), new TemplateParser(), false)));
    private final List<String> ids = IntStream.range(0, RequestIndex.MOST)
            .mapToObj(i -> String.format("a-%022d.t-%d", i, i))
            .toList();

    private long list() {
        long begun = System.nanoTime();
        listed.find(ids).collectList().block(WAIT);
        return (System.nanoTime() - begun) / 1_000;
    }

    @Test
    void thousandRequests_areLookedUpAFewAtOnce_andNotAgainByTheNextList() {
        long first = list();
        assertThat(asked).hasValue(RequestIndex.MOST);
        assertThat(most.get()).isBetween(2, 16);
        long second = list();
        assertThat(asked).as("another human lists").hasValue(RequestIndex.MOST);
        System.out.printf("a list of %d requests, us: %d, again: %d%n", ids.size(), first, second);
        listed.forget(ids.get(7));
        list();
        assertThat(asked).as("one was decided here").hasValue(RequestIndex.MOST + 1);
    }

    @Test
    void manyListsAtOnce_lookUpOnce() {
        Flux.range(0, 20).flatMap(i -> listed.find(ids), 20).blockLast(WAIT);
        assertThat(asked).hasValue(RequestIndex.MOST);
    }

    @Test
    void requestsThatCannotBeRead_areLeftOut() {
        away = true;
        assertThat(listed.find(ids).collectList().block(WAIT)).isEmpty();
    }
}
