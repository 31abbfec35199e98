package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.fleet.OrderedEnds;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.web.Call;
import dev.errand.web.CutException;
import dev.errand.web.PermittedCalls;
import dev.errand.web.Revisions;
import dev.errand.web.RunningRevision;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.publisher.TestPublisher;

class MonoCutTest {
    private final InMemoryTaskStore store = new InMemoryTaskStore();
    private final LiveCalls live = new LiveCalls(store, new RunningRevision(Revisions.EMPTY), OrderedEnds.NONE);
    private final Call.Permitted call = new PermittedCalls(store).permitted();
    private final TestPublisher<Void> rest = TestPublisher.create();
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicReference<String> end = new AtomicReference<>("none");
    private final Mono<Void> whole = MonoCut.of(rest.mono(), live, call, cuts::incrementAndGet)
            .doOnSuccess(nothing -> end.set("completed"))
            .doOnError(error -> end.set(error.getClass().getSimpleName()));

    @BeforeEach
    void lasting_calls_areCutWhenTheReplicaStops() {
        call.progress().last();
    }

    private Disposable answering() {
        return whole.subscribe(nothing -> {}, error -> {});
    }

    @Test
    void call_isLive_untilItEnds() {
        answering();
        assertThat(live.size()).isEqualTo(1);
        rest.complete();
        assertThat(live.size()).isZero();
        assertThat(end).hasValue("completed");
    }

    @Test
    void call_isLive_untilItFails() {
        answering();
        rest.error(new IllegalStateException());
        assertThat(live.size()).isZero();
        assertThat(end).hasValue("IllegalStateException");
    }

    @Test
    void call_isLive_untilItsAgentLeaves() {
        answering().dispose();
        assertThat(live.size()).isZero();
        rest.assertCancelled();
        live.drain();
        assertThat(cuts).hasValue(0);
    }

    @Test
    void cut_cancelsWhatIsUnderWay_andEndsInAnError() {
        answering();
        live.drain();
        assertThat(live.size()).isZero();
        rest.assertCancelled();
        assertThat(cuts).hasValue(1);
        assertThat(end).hasValue("CutException");
    }

    @Test
    void cut_leavesAnOpenWebSocketToItsOwnFilter() {
        answering();
        AtomicReference<CutException> closed = new AtomicReference<>();
        call.progress().upgrade(closed::set);
        live.drain();
        live.drain();
        assertThat(closed.get().isGoingAway()).isTrue();
        rest.assertNotCancelled();
        assertThat(live.size()).isEqualTo(1);
        rest.complete();
        assertThat(List.of(live.size(), cuts.get())).containsExactly(0, 0);
    }
}
