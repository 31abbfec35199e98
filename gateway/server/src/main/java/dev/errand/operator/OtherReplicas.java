package dev.errand.operator;

import dev.errand.fleet.Replica;
import dev.errand.fleet.Replicas;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The other replicas, asked all at once. A replica that is lost, or does not answer in time, is missing. Thread-safe, never blocking.
 */
record OtherReplicas(Replicas replicas, ReplicaClient client) {
    private static final Logger LOG = LoggerFactory.getLogger(OtherReplicas.class);

    private static final int AT_ONCE = 64;

    /** The answer 200 of one replica. */
    public record Answer(String instance, String body) {
        /** The body as JSON. */
        public JsonObject json() {
            try {
                return Json.parse(body) instanceof JsonObject object ? object : JsonObject.EMPTY;
            } catch (Json.MalformedJsonException e) {
                return JsonObject.EMPTY;
            }
        }
    }

    /**
     * The answers of the other replicas. A replica that answered 404 is in neither collection.
     *
     * @param found the answers 200
     * @param missing the names of the instances that are lost or did not answer
     */
    public record Answers(List<Answer> found, SortedSet<String> missing) {}

    /** Asks every replica the same. */
    public Mono<Answers> ask(String target, String accept) {
        return ask(instance -> target, accept, ReplicaClient.WITHIN);
    }

    /**
     * Asks each replica for the target that the function gives for its instance.
     *
     * @param within how long a replica may take
     */
    Mono<Answers> ask(Function<String, String> targets, String accept, Duration within) {
        return seen().flatMap(seen -> {
            SortedSet<String> missing = lost(seen);
            List<Replica> asked = seen.replicas().stream()
                    .filter(each -> !each.instance().equals(replicas.instance()) && !missing.contains(each.instance()))
                    .toList();
            return Flux.fromIterable(asked)
                    .flatMap(each -> ask(each, targets.apply(each.instance()), accept, within), AT_ONCE)
                    .publishOn(Schedulers.boundedElastic())
                    .collectList()
                    .map(all -> answers(all, missing));
        });
    }

    private record Asked(Replica replica, ReplicaClient.Response told) {
        static final ReplicaClient.Response NOTHING = new ReplicaClient.Response(0, "");
    }

    private Mono<Asked> ask(Replica replica, String target, String accept, Duration within) {
        return client.get(replica, target, accept, within)
                .map(told -> new Asked(replica, told))
                .onErrorResume(e -> {
                    LOG.debug("replica {} did not answer: {}", replica.instance(), e.toString());
                    return Mono.just(new Asked(replica, Asked.NOTHING));
                });
    }

    private static Answers answers(List<Asked> all, SortedSet<String> missing) {
        List<Answer> found = new ArrayList<>();
        for (Asked each : all) {
            if (each.told().status() == 0) {
                missing.add(each.replica().instance());
            } else if (each.told().status() == 200) {
                found.add(new Answer(each.replica().instance(), each.told().body()));
            }
        }
        return new Answers(found, missing);
    }

    /** The names of the replicas that are lost. No replica is asked for this. */
    public Mono<SortedSet<String>> lost() {
        return seen().map(this::lost);
    }

    private SortedSet<String> lost(Replicas.Seen seen) {
        SortedSet<String> lost = new TreeSet<>();
        seen.lost().forEach(each -> lost.add(each.instance()));
        lost.remove(replicas.instance());
        return lost;
    }

    private Mono<Replicas.Seen> seen() {
        return replicas.read().onErrorResume(StoreUnavailableException.class, e -> Mono.just(replicas.last()));
    }
}
