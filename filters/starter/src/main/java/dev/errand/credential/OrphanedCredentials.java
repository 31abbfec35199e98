package dev.errand.credential;

import dev.errand.state.LeftCredential;
import dev.errand.state.LeftCredentials;
import dev.errand.state.RegularWork;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Gives back the credentials that dead replicas left in the store, and renews this replica's own sign of life. A sign of life holds
 * for eight seconds, and dead replicas are looked for every three, so a credential is given back well within thirty. Thread-safe.
 */
public final class OrphanedCredentials {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedCredentials.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration TAKEN_ON = Duration.ofSeconds(20);
    private static final int SIGN_EVERY = 2;
    private static final int LOOK_EVERY = 3;

    private final StoredCredentials stored;
    private final LeftCredentials store;
    private final GivingBack givingBack;
    private final TaskCredentials credentials;
    private final Supplier<Map<String, UpstreamCredential>> running;
    private final LongSupplier nanoTime;
    private long ticks;

    /** @param running the credentials of the running revision, by their names */
    public OrphanedCredentials(
            StoredCredentials stored,
            GivingBack givingBack,
            TaskCredentials credentials,
            Supplier<Map<String, UpstreamCredential>> running,
            LongSupplier nanoTime) {
        this.stored = stored;
        this.store = stored.store();
        this.givingBack = givingBack;
        this.credentials = credentials;
        this.running = running;
        this.nanoTime = nanoTime;
    }

    /** Watches until disposed. */
    public Disposable watch() {
        return RegularWork.every(TICK, "the credentials of other replicas cannot be looked after", () -> tick(ticks++));
    }

    private Mono<Void> tick(long tick) {
        Mono<Void> signed = stored.isSigned() && tick % SIGN_EVERY == 0
                ? stored.sign().doOnNext(this::held).then()
                : Mono.empty();
        boolean looks = tick % LOOK_EVERY == 0
                && store.isSealed()
                && running.get().values().stream().anyMatch(OrphanedCredentials::isTakenBack);
        return looks ? signed.then(takeUp()).then(look()) : signed;
    }

    private void held(boolean ranOut) {
        if (ranOut) {
            LOG.warn("this replica gave no sign of life for too long: others may have given its credentials back, and"
                    + " they are fetched again");
            credentials.forgetAll();
        }
    }

    private static boolean isTakenBack(UpstreamCredential credential) {
        return credential.itself() instanceof TaskCredential one && one.minter().isTakenBack();
    }

    /** Reads from the store those of this replica's own credentials that {@link GivingBack} had no room for. */
    Mono<Void> takeUp() {
        Set<String> ids = givingBack.takeUp();
        return ids.isEmpty()
                ? Mono.empty()
                : store.of(stored.instance())
                        .filter(credential -> ids.contains(credential.id()))
                        .collectList()
                        .doOnNext(found -> {
                            // Ids for which there is still no room are remembered again.
                            givingBack.forget(ids);
                            found.forEach(credential -> owe(stored.instance(), credential));
                        })
                        .then();
    }

    private Mono<Void> look() {
        return store.lost()
                .flatMapIterable(lost -> lost)
                .filter(lost -> !lost.equals(stored.instance()))
                .concatMap(lost -> store.takeOn(lost, stored.instance(), TAKEN_ON)
                        .filter(ours -> ours)
                        .flatMap(ours -> adopt(lost)))
                .then();
    }

    private Mono<Void> adopt(String lost) {
        return store.of(lost)
                .doOnNext(credential -> owe(lost, credential))
                .count()
                .doOnNext(found -> {
                    if (found > 0) {
                        LOG.info(
                                "a replica is gone and left {} credentials, which are given back instance={}",
                                found,
                                lost);
                    }
                })
                .then(store.forget(lost));
    }

    private void owe(String lost, LeftCredential credential) {
        UpstreamCredential known = running.get().get(credential.upstream());
        Duration lasts = stored.lasts(credential);
        if (lasts.isZero()) {
            stored.remove(lost, credential.id()).subscribe();
        } else if (known != null
                && known.itself() instanceof TaskCredential one
                && one.minter().kind().equals(credential.kind())) {
            givingBack.owe(new PendingReturn(
                    lost,
                    credential.task(),
                    credential.upstream(),
                    one.minter(),
                    Secret.of(credential.secret()),
                    nanoTime.getAsLong() + lasts.toNanos(),
                    0));
        }
    }
}
