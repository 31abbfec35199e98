package dev.errand.web.stage;

import dev.errand.limit.Bandwidth;
import dev.errand.state.StartStore;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Limits how many requests the tasks of one human may open under templates with the same limit, over all replicas. If equal calls come to this replica at the same
 * time, they open one request together: the first call asks the limit, the others wait for it, and then look again. Thread-safe.
 */
final class RequestLimits {
    private static final Logger LOG = LoggerFactory.getLogger(RequestLimits.class);
    private static final Duration BEHIND = Duration.ofSeconds(2);

    private final StartStore starts;
    private final Map<String, CompletableFuture<Void>> trying = new ConcurrentHashMap<>();

    RequestLimits(StartStore starts) {
        this.starts = starts;
    }

    /**
     * Begins to open a request. If an equal call is already doing so, waits until that call has finished and returns empty; the
     * caller must then look again.
     *
     * @param call the hash of the call
     * @param human the human who started the task
     */
    Mono<Optional<RequestReservation>> enter(String call, Human human, Bandwidth limit) {
        return Mono.defer(() -> {
            CompletableFuture<Void> own = new CompletableFuture<>();
            // If the agent leaves before the step of its attempt is made, the timeout ends the attempt.
            own.completeOnTimeout(null, BEHIND.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((nothing, failure) -> trying.remove(call, own));
            CompletableFuture<Void> other = trying.putIfAbsent(call, own);
            if (other != null) {
                own.complete(null);
                return Mono.fromFuture(other, true).then(Mono.just(Optional.empty()));
            }
            String key = key(human, limit);
            Runnable over = () -> own.complete(null);
            return starts.admit(key, call, 0, null, limit)
                    .map(refused ->
                            Optional.of(new RequestReservation(refused.isEmpty(), () -> giveBack(key, limit), over)))
                    .doOnError(failed -> over.run())
                    .doOnCancel(over);
        });
    }

    private void giveBack(String key, Bandwidth limit) {
        starts.giveBack(key, limit)
                .subscribe(
                        done -> {}, failed -> LOG.warn("a request's debit is not given back: {}", failed.getMessage()));
    }

    /**
     * The key of the limit: a hash that does not reveal the human. A bucket belongs to one limit: what a template with another one
     * asks takes nothing from it.
     */
    private static String key(Human human, Bandwidth limit) {
        return Sha256.base64UrlOf("ask\n" + limit.capacity() + ' ' + limit.period() + '\n'
                + human.issuer().length() + ':' + human.issuer() + '\n' + human.subject());
    }
}
