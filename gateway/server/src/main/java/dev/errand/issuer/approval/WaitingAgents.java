package dev.errand.issuer.approval;

import dev.errand.issuer.AwaitedApprovals;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.TaskKey;
import dev.errand.web.Caller;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The agents that wait on this replica for the end of a request: at most {@value #PER_TASK} of one task and {@value #MOST} in all. A
 * decision on this replica wakes them at once, and every other end within {@link EndedRequests#EVERY}. A waiting agent takes memory
 * and no thread. When the gateway stops, all are answered. Thread-safe, never blocking.
 */
final class WaitingAgents implements AwaitedApprovals, ApplicationListener<ContextClosedEvent> {
    static final int PER_TASK = 16;
    static final int MOST = 4_096;
    static final Duration LONGEST = Duration.ofSeconds(25);

    private final Requests requests;
    private final Clock clock;

    // guarded by this
    private final Map<String, List<Sinks.Empty<Void>>> places = new HashMap<>();
    // guarded by this
    private final Map<TaskKey, Integer> perTask = new HashMap<>();
    private int all;
    private boolean stopped;

    WaitingAgents(Requests requests, Clock clock) {
        this.requests = requests;
        this.clock = clock;
    }

    @Override
    public Mono<String> state(Caller caller, String id) {
        TaskKey task = caller.taskKey();
        if (!task.equals(Requests.taskOf(id))) {
            return Mono.just(ENDED);
        }
        // The place is taken before the first look, so that no decision is missed between the two.
        return Mono.using(
                () -> enter(task, id),
                place -> find(caller, id).flatMap(found -> {
                    Duration most = found.map(this::most).orElse(Duration.ZERO);
                    return place.isEmpty() || most.isZero()
                            ? Mono.just(state(found))
                            : Mono.firstWithSignal(
                                            place.get().asMono(),
                                            Mono.delay(most).then())
                                    .then(Mono.defer(() -> find(caller, id)))
                                    .map(WaitingAgents::state);
                }),
                place -> leave(task, id, place));
    }

    private static String state(Optional<ApprovalRequest> found) {
        return found.map(request -> request.state().wire()).orElse(ENDED);
    }

    /** How long an answer about that request may wait. */
    private Duration most(ApprovalRequest request) {
        Duration left = Duration.ofMillis(Math.max(0, request.endsMillis() - clock.millis() + 1));
        return request.state() != State.PENDING ? Duration.ZERO : left.compareTo(LONGEST) < 0 ? left : LONGEST;
    }

    /** The request, if the caller's token or one below it asked. */
    private Mono<Optional<ApprovalRequest>> find(Caller caller, String id) {
        return requests.find(id)
                .map(found -> found.map(Requests.Found::request)
                        .filter(request ->
                                request.chain().contains(caller.chain().leaf().id())));
    }

    /** Takes a place; empty if there is none left. */
    private synchronized Optional<Sinks.Empty<Void>> enter(TaskKey task, String id) {
        int ofTask = perTask.getOrDefault(task, 0);
        if (stopped || all >= MOST || ofTask >= PER_TASK) {
            return Optional.empty();
        }
        Sinks.Empty<Void> place = Sinks.empty();
        places.computeIfAbsent(id, first -> new ArrayList<>(1)).add(place);
        perTask.put(task, ofTask + 1);
        all++;
        return Optional.of(place);
    }

    private synchronized void leave(TaskKey task, String id, Optional<Sinks.Empty<Void>> place) {
        if (place.isEmpty()) {
            return;
        }
        all--;
        perTask.computeIfPresent(task, (key, count) -> count == 1 ? null : count - 1);
        places.computeIfPresent(id, (key, those) -> {
            those.remove(place.get());
            return those.isEmpty() ? null : those;
        });
    }

    /** Answers the agents that wait for that request. */
    void wake(String id) {
        tell(placesOf(List.of(id)));
    }

    /** Answers the agents that wait for any other request than these. */
    void wakeAllBut(Set<String> pending) {
        Set<String> others;
        synchronized (this) {
            others = new HashSet<>(places.keySet());
        }
        others.removeAll(pending);
        tell(placesOf(others));
    }

    private synchronized List<Sinks.Empty<Void>> placesOf(Collection<String> ids) {
        List<Sinks.Empty<Void>> those = new ArrayList<>();
        ids.forEach(id -> those.addAll(places.getOrDefault(id, List.of())));
        return those;
    }

    private static void tell(List<Sinks.Empty<Void>> those) {
        those.forEach(Sinks.Empty::tryEmitEmpty);
    }

    /** How many agents wait. */
    synchronized int size() {
        return all;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        synchronized (this) {
            stopped = true;
        }
        wakeAllBut(Set.of());
    }
}
