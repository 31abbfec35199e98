package dev.errand.issuer.approval;

import dev.errand.issuer.AwayLog;
import dev.errand.issuer.Dependency;
import dev.errand.issuer.IssuerSettings;
import dev.errand.issuer.approval.Requests.Found;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonWriter;
import dev.errand.loop.Uncancelled;
import dev.errand.state.KeptAnswer;
import dev.errand.state.RequestIndex;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.Approvers;
import dev.errand.task.AskPolicy;
import dev.errand.task.TaskOutcome.Decided;
import dev.errand.task.TaskStep;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import dev.errand.web.stage.ApprovalRecords;
import dev.errand.web.stage.ApprovalRecords.Event;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Shows requests to the humans who may decide on them, and takes their decisions. The task's revision says who may. A token is
 * used up by one decision or by one start of a task; looking does not use it up. Thread-safe, never blocking.
 */
final class ApprovalService {
    private final Requests requests;
    private final ListedRequests listed;
    private final RequestIndex index;
    private final TaskStore tasks;
    private final StartStore starts;
    private final ApprovalRecords records;
    private final WaitingAgents agents;
    private final ApprovalJson json;
    private final Supplier<Set<String>> clients;
    private final IssuerSettings settings;
    private final Clock clock;

    /** @param clients the clients at which people sign in to approve, by the running templates */
    ApprovalService(
            Requests requests,
            RequestIndex index,
            TaskStore tasks,
            StartStore starts,
            ApprovalRecords records,
            WaitingAgents agents,
            ApprovalJson json,
            Supplier<Set<String>> clients,
            IssuerSettings settings,
            Clock clock) {
        this.requests = requests;
        this.listed = new ListedRequests(requests);
        this.index = index;
        this.tasks = tasks;
        this.starts = starts;
        this.records = records;
        this.agents = agents;
        this.json = json;
        this.clients = clients;
        this.settings = settings;
        this.clock = clock;
    }

    /** Answers with one request. */
    Mono<Reply> show(Decider decider, String id) {
        return requests.find(id)
                .flatMap(found -> {
                    Reply refusal = refuse(decider, found.orElse(null));
                    return refusal != null
                                    || found.isEmpty()
                                    || found.get().request().state() == State.REFUSED
                            ? Mono.just(refusal == null ? Reply.unknown() : refusal)
                            : json.of(found.get()).map(Reply::ok);
                })
                .onErrorResume(StoreUnavailableException.class, ApprovalService::away);
    }

    /** One request, also a refused or used one, if this human may see it; fails with {@link StoreUnavailableException}. */
    Mono<Optional<Found>> find(Decider decider, String id) {
        return requests.findUsedToo(id)
                .map(found -> refuse(decider, found.orElse(null)) == null ? found : Optional.<Found>empty());
    }

    /** Answers with the requests that this human may decide on. */
    Mono<Reply> list(Decider decider) {
        if (!isClient(decider, Set.of())) {
            return Mono.just(Reply.unauthorized());
        }
        return index.standing()
                .flatMapMany(listed::find)
                .filter(found -> found.request().state() == State.PENDING && refuse(decider, found) == null)
                .collectList()
                .map(found -> Reply.ok(json.list(found)))
                .onErrorResume(StoreUnavailableException.class, ApprovalService::away);
    }

    /** Takes a decision and answers with its result. */
    Mono<Reply> decide(Decider decider, String id, Decision decision) {
        if (decider.looking()) {
            throw new IllegalArgumentException("a session decides nothing");
        }
        return starts.findStart(decider.tokenHash())
                .flatMap(used -> used.isPresent()
                        ? Mono.just(Reply.unauthorized())
                        : requests.find(id).flatMap(found -> decide(decider, id, decision, found.orElse(null))))
                .onErrorResume(StoreUnavailableException.class, ApprovalService::away);
    }

    private Mono<Reply> decide(Decider decider, String id, Decision decision, @Nullable Found found) {
        Reply refusal = refuse(decider, found);
        if (refusal != null || found == null) {
            return Mono.just(refusal == null ? Reply.unknown() : refusal);
        }
        if (decider.digests() != null && !decider.digests().contains(decision.digest())) {
            return Mono.just(Reply.unauthorized());
        }
        ApprovalRequest request = found.request();
        if (request.state() != State.PENDING || !request.hasDigest(decision.digest())) {
            return Mono.just(Reply.conflict());
        }
        String use = Sha256.base64UrlOf("approval\n" + id + '\n' + decision);
        // Token, decision and record belong together: they are completed even if the human's connection is lost.
        return Uncancelled.of(starts.claimSubject(
                        decider.tokenHash(),
                        use,
                        new KeptAnswer(new byte[0]),
                        decider.expiresAtMillis() + settings.leeway().toMillis())
                .flatMap(claim -> claim instanceof StartStore.Claim.Claimed
                        ? decided(decider.human(), decision, found)
                        : Mono.just(Reply.unauthorized()))
                .doFinally(end -> {
                    listed.forget(id);
                    agents.wake(id);
                }));
    }

    private Mono<Reply> decided(Human human, Decision decision, Found found) {
        TaskStep step = new TaskStep.Decide(found.request().id(), human, decision.approves(), decision.digest());
        return tasks.apply(found.task(), found.policy(), step).flatMap(outcome -> {
            Decided decided = (Decided) outcome;
            ApprovalRequest now = decided.request();
            return switch (decided.verdict()) {
                case UNKNOWN -> Mono.just(Reply.unknown());
                case CONFLICT -> Mono.just(Reply.conflict());
                case REPEATED -> Mono.just(counted(found, Objects.requireNonNull(now)));
                case APPROVED -> {
                    ApprovalRequest approved = Objects.requireNonNull(now);
                    boolean enough = approved.state() == State.APPROVED;
                    yield told(found, approved, enough ? Event.APPROVED : Event.PENDING, approved.by(), enough)
                            .thenReturn(counted(found, approved));
                }
                case REFUSED ->
                    told(found, found.request(), Event.REFUSED, List.of(human), true)
                            .thenReturn(counted(found, Objects.requireNonNull(now)));
            };
        });
    }

    private Mono<Void> told(Found found, ApprovalRequest now, Event event, List<Human> by, boolean over) {
        if (over) {
            records.waited(found.request(), clock.millis());
        }
        return records.recordIfPossible(event, now, by, null, null);
    }

    private static Reply counted(Found found, ApprovalRequest now) {
        return Reply.ok(new JsonWriter()
                .object()
                .member("state", now.state().wire())
                .member("approvals", now.by().size())
                .member("quorum", Objects.requireNonNull(found.policy().ask()).quorum())
                .end()
                .toBytes());
    }

    /** The refusal if this human may neither see nor decide the request, as if it did not exist; null if they may. */
    private @Nullable Reply refuse(Decider decider, @Nullable Found found) {
        AskPolicy ask = found == null ? null : found.policy().ask();
        if (!isClient(decider, ask == null ? Set.of() : ask.by().clients())) {
            return Reply.unauthorized();
        }
        if (found == null || ask == null || !may(decider, found, ask.by())) {
            return Reply.unknown();
        }
        if (decider.digests() != null && decider.digests().stream().noneMatch(found.request()::hasDigest)) {
            return Reply.unauthorized();
        }
        return decider.looking()
                        || ask.by()
                                .admitsSignIn(
                                        decider.claims(),
                                        found.request().openedMillis(),
                                        clock.millis(),
                                        settings.leeway().toMillis())
                ? null
                : Reply.stepUp(ask.by());
    }

    /** Whether the token's client is one at which people approve. A token of any other client is good for no request. */
    private boolean isClient(Decider decider, Set<String> own) {
        boolean named = false;
        for (String claim : List.of("azp", "client_id")) {
            if (decider.claims().get(claim) != null) {
                String client = decider.claims().string(claim);
                if (client == null || (!own.contains(client) && !clients.get().contains(client))) {
                    return false;
                }
                named = true;
            }
        }
        return named;
    }

    private static boolean may(Decider decider, Found found, Approvers by) {
        return by.humans().admits(decider.human().issuer(), decider.claims())
                && by.admitsClient(decider.claims())
                && decider.isIssuedSince(found.request().openedMillis())
                && !(by.notStarter()
                        && decider.human().equals(starter(found.told()).orElse(null)));
    }

    private static Optional<Human> starter(JsonObject told) {
        return Optional.ofNullable(told.object("human"))
                .map(human -> new Human(String.valueOf(human.string("iss")), String.valueOf(human.string("sub"))));
    }

    private static Mono<Reply> away(StoreUnavailableException failure) {
        AwayLog.SHARED.refuse(Dependency.STATE, String.valueOf(failure.getMessage()));
        return Mono.just(Reply.unavailable());
    }
}
