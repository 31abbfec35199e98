package dev.errand.credential;

import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** A server of credentials in memory, which remembers what it gave and took back. */
final class CountingMinter implements Minter {
    final AtomicInteger asked = new AtomicInteger();
    final List<String> live = new CopyOnWriteArrayList<>();
    final List<String> takenBack = new CopyOnWriteArrayList<>();
    volatile Mono<Void> before = Mono.empty();
    volatile Mono<Void> beforeTaking = Mono.empty();
    volatile Duration lifetime = Duration.ofHours(1);
    volatile Function<Lease, Boolean> known = lease -> true;

    @Override
    public String kind() {
        return "vault-login";
    }

    @Override
    public Set<String> headerNames() {
        return Set.of("x-token");
    }

    @Override
    public void admit(CallTask task) {
        Subject.AGENT.in(task);
    }

    @Override
    public Mono<Lease> mint(CallTask task) {
        return Mono.defer(() -> {
            String secret = "secret-" + asked.incrementAndGet() + "-" + task.task();
            return before.then(Mono.fromSupplier(() -> {
                live.add(secret);
                return Lease.lasting(
                        Secret.of(secret.getBytes(StandardCharsets.UTF_8)), null, false, lifetime, System.nanoTime());
            }));
        });
    }

    @Override
    public Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request) {
        return Mono.just(Map.of("X-Token", lease.sent().reveal("")));
    }

    @Override
    public boolean isTakenBack() {
        return true;
    }

    @Override
    public Mono<Void> giveBack(Secret sent) {
        return Mono.defer(() -> beforeTaking.then(Mono.fromRunnable(() -> {
            live.remove(sent.reveal(""));
            takenBack.add(sent.reveal(""));
        })));
    }

    @Override
    public boolean isForgotten() {
        return true;
    }

    @Override
    public Mono<Boolean> isKnown(Lease lease) {
        return Mono.fromSupplier(() -> known.apply(lease));
    }
}
