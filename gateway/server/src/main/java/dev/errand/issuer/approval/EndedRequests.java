package dev.errand.issuer.approval;

import dev.errand.state.RegularWork;
import dev.errand.state.RequestIndex;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.TaskKey;
import dev.errand.web.stage.ApprovalRecords;
import dev.errand.web.stage.ApprovalRecords.Event;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Looks every few seconds at the requests that wait. A request that has ended in two successive looks is taken out of
 * the list. The replica that takes it out records its end, also if no replica saw the request while it was open. Each look also wakes
 * the agents that wait for a request that is no longer pending. Used by one thread at a time.
 */
final class EndedRequests implements AutoCloseable {
    static final Duration EVERY = Duration.ofSeconds(3);

    private final RequestIndex index;
    private final Requests requests;
    private final ApprovalRecords records;
    private final WaitingAgents agents;
    private final Clock clock;
    private final Disposable looking;
    private Map<String, ApprovalRequest> seen = new HashMap<>();
    private Set<String> gone = new HashSet<>();

    EndedRequests(RequestIndex index, Requests requests, ApprovalRecords records, WaitingAgents agents, Clock clock) {
        this(index, requests, records, agents, clock, EVERY);
    }

    /** @param every the time from one look to the next */
    EndedRequests(
            RequestIndex index,
            Requests requests,
            ApprovalRecords records,
            WaitingAgents agents,
            Clock clock,
            Duration every) {
        this.index = index;
        this.requests = requests;
        this.records = records;
        this.agents = agents;
        this.clock = clock;
        this.looking = RegularWork.every(every, "the requests for approval cannot be looked at", this::look);
    }

    private Mono<Void> look() {
        return index.standing().flatMap(ids -> {
            Map<String, ApprovalRequest> now = new HashMap<>();
            Set<String> missing = new HashSet<>();
            Set<String> pending = new HashSet<>(ids);
            return Flux.fromIterable(ids)
                    .concatMap(id -> find(id).doOnNext(found -> {
                        found.ifPresent(one -> now.put(id, one.request()));
                        if (found.isEmpty() || isDecided(found.get().request())) {
                            missing.add(id);
                        }
                        if (found.isEmpty() || found.get().request().state() != State.PENDING) {
                            pending.remove(id);
                        }
                    }))
                    .then(Mono.defer(() -> {
                        // Beyond the bound nobody knows here which others wait: their agents ask again after their
                        // time.
                        if (ids.size() < RequestIndex.MOST) {
                            agents.wakeAllBut(pending);
                        } else {
                            Set<String> decided = new HashSet<>(ids);
                            decided.removeAll(pending);
                            decided.forEach(agents::wake);
                        }
                        Set<String> twice = new HashSet<>(missing);
                        twice.retainAll(gone);
                        Map<String, ApprovalRequest> before = seen;
                        missing.forEach(id -> {
                            if (before.containsKey(id)) {
                                now.putIfAbsent(id, before.get(id));
                            }
                        });
                        gone = missing;
                        seen = now;
                        return Flux.fromIterable(twice)
                                .concatMap(id -> ended(id, now.get(id)))
                                .then();
                    }));
        });
    }

    /** The request; completes empty if its record cannot be read. The request is then left as it is, and hides no others. */
    private Mono<Optional<Requests.Found>> find(String id) {
        return requests.findUsedToo(id).onErrorResume(StoreUnavailableException.class, unreadable -> Mono.empty());
    }

    /** Whether it did not end by itself: the refusal or the use has a record of its own. */
    private static boolean isDecided(ApprovalRequest request) {
        return request.state() == State.REFUSED || request.state() == State.USED;
    }

    private Mono<Void> ended(String id, @Nullable ApprovalRequest last) {
        return index.remove(id)
                .filter(mine -> mine && (last == null || !isDecided(last)))
                .flatMap(mine -> {
                    if (last == null) {
                        TaskKey task = Requests.taskOf(id);
                        // A text that is no id was not written by a gateway.
                        return task == null ? Mono.empty() : records.endedUnseen(id, task.value(), clock.instant());
                    }
                    String why = last.endsMillis() <= clock.millis()
                            ? "its time is over"
                            : "the state of its task has changed, more objects to its call than people were shown, or the"
                                    + " task or its token has ended";
                    return records.recordIfPossible(Event.ENDED, last, last.by(), null, why);
                });
    }

    @Override
    public void close() {
        looking.dispose();
    }
}
