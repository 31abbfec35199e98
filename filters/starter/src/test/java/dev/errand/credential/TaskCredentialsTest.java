package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordJson;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.token.Sha256;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** One credential for each task, from its first call to its end. */
@Execution(ExecutionMode.CONCURRENT)
class TaskCredentialsTest {
    private static final OutgoingRequest REQUEST =
            new OutgoingRequest("GET", URI.create("http://vault/"), Map.of(), null);

    private final TaskStore store = new InMemoryTaskStore();
    private final List<ProvenanceRecord> records = new CopyOnWriteArrayList<>();
    private final ProvenanceLog log = new ProvenanceLog() {
        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.fromRunnable(() -> records.add(record));
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };
    private final List<CredentialListener.Outcome> outcomes = new CopyOnWriteArrayList<>();
    private final AtomicLong skipped = new AtomicLong();
    private final MemoryLeft left = new MemoryLeft();
    private final StoredCredentials stored = new StoredCredentials(left, "g-one", Clock.systemUTC(), this::nanoTime);
    private final GivingBack givingBack = new GivingBack(stored, log, outcomes::add, this::nanoTime);
    private final TaskCredentials credentials = new TaskCredentials(store, log, stored, givingBack, this::nanoTime);
    private final CountingMinter minter = new CountingMinter();
    private final Disposable watch = new TaskWatch(store, credentials, Clock.systemUTC(), this::nanoTime).watch();

    @AfterEach
    void stop() {
        watch.dispose();
    }

    private long nanoTime() {
        return System.nanoTime() + skipped.get();
    }

    private TaskCredential upstream(CredentialLifetime when) {
        Minting minting = new Minting(new TaskTokens("", java.util.Optional::empty, Clock.systemUTC()), credentials);
        return new TaskCredential("vault", minter, when, minting);
    }

    private static String sent(UpstreamCredential call) {
        return String.valueOf(call.headers(REQUEST).block(Duration.ofSeconds(5)).get("X-Token"));
    }

    private String call(TaskCredential upstream, CallTask task) {
        UpstreamCredential call = upstream.of(task);
        try {
            return sent(call);
        } finally {
            call.done();
        }
    }

    private List<String> lines() {
        return records.stream()
                .map(record -> new String(RecordJson.line(record), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void firstCalls_twoHundredAtOnce_shareOneExchange() {
        Sinks.Empty<Void> answer = Sinks.empty();
        minter.before = answer.asMono();
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        Mono<List<String>> all = Flux.range(0, 200)
                .flatMap(i -> vault.of(task).headers(REQUEST).subscribeOn(Schedulers.parallel()), 200)
                .map(headers -> headers.get("X-Token"))
                .collectList();
        var future = all.toFuture();
        await().until(() -> minter.asked.get() > 0);
        answer.tryEmitEmpty();
        assertThat(future.join()).hasSize(200).containsOnly("secret-1-" + task.task());
        assertThat(minter.asked).hasValue(1);
        assertThat(credentials.count("vault-login")).isEqualTo(1);
    }

    @Test
    void tasks_neverShare() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        String one = call(vault, CallTasks.started(store));
        String other = call(vault, CallTasks.started(store));
        assertThat(one).isNotEqualTo(other);
    }

    @Test
    void end_ofTheTask_givesTheCredentialBack_andRecordsItWithoutTheSecret() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        String secret = call(vault, task);
        assertThat(left.size()).isEqualTo(1);
        CallTasks.interrupt(store, task);
        await().atMost(Patience.of(Duration.ofSeconds(2))).until(() -> minter.takenBack.contains(secret));
        await().until(() -> lines().size() == 2);
        String hash = Sha256.labelOf(secret);
        assertThat(lines())
                .allMatch(line -> line.contains("\"kind\":\"credential\"")
                        && line.contains("\"upstream\":\"vault\"")
                        && line.contains("\"hash\":\"" + hash + '"')
                        && !line.contains(secret))
                .anyMatch(line -> line.contains("\"what\":\"minted\""))
                .anyMatch(line -> line.contains("\"what\":\"given-back\""));
        await().until(() -> left.size() == 0);
        assertThat(credentials.count("vault-login")).isZero();
        assertThat(outcomes).containsExactly(CredentialListener.Outcome.REVOKED);
    }

    @Test
    void call_afterTheEnd_isRefused_andWhatItHadIsGivenBack() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        CallTasks.interrupt(store, task);
        UpstreamCredential call = vault.of(task);
        assertThatThrownBy(() -> sent(call)).isInstanceOf(TaskOverException.class);
        call.done();
        await().until(() -> minter.live.isEmpty() && minter.takenBack.size() == 1);
    }

    @Test
    void end_whileTheCredentialIsHad_givesItBack() {
        Sinks.Empty<Void> answer = Sinks.empty();
        minter.before = answer.asMono();
        CallTask task = CallTasks.started(store);
        var call = upstream(CredentialLifetime.TASK).of(task).headers(REQUEST).toFuture();
        await().until(() -> minter.asked.get() > 0);
        CallTasks.interrupt(store, task);
        answer.tryEmitEmpty();
        assertThatThrownBy(call::join).isNotNull();
        await().until(() -> minter.live.isEmpty() && minter.takenBack.size() == 1);
    }

    @Test
    void end_byTime_givesItBack() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.until(CallTasks.started(store), System.currentTimeMillis() + 700);
        String secret = call(vault, task);
        await().atMost(Patience.of(Duration.ofSeconds(3))).until(() -> minter.takenBack.contains(secret));
    }

    @Test
    void serverThatTakesNothingBack_isAskedAgain_andTheFailuresAreCounted() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        String secret = call(vault, task);
        minter.beforeTaking = Mono.error(new IllegalStateException("down"));
        CallTasks.interrupt(store, task);
        await().until(() -> outcomes.size() >= 2);
        assertThat(outcomes).containsOnly(CredentialListener.Outcome.FAILED);
        assertThat(givingBack.size()).isEqualTo(1);
        assertThat(left.size()).as("another replica may still do it").isEqualTo(1);
        minter.beforeTaking = Mono.empty();
        await().atMost(Duration.ofSeconds(15)).until(() -> minter.takenBack.contains(secret));
        await().until(() -> givingBack.size() == 0 && left.size() == 0);
    }

    @Test
    void credentialThatEndsByItself_isOwedNoMore() {
        minter.lifetime = Duration.ofSeconds(60);
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        call(vault, task);
        minter.beforeTaking = Mono.error(new IllegalStateException("down"));
        skipped.set(Duration.ofSeconds(61).toNanos());
        CallTasks.interrupt(store, task);
        await().until(() -> outcomes.contains(CredentialListener.Outcome.LAPSED));
        await().until(() -> givingBack.size() == 0);
    }

    @Test
    void storeAway_refuses_andNothingStaysBehind() {
        left.away = true;
        UpstreamCredential call = upstream(CredentialLifetime.TASK).of(CallTasks.started(store));
        assertThatThrownBy(() -> sent(call)).isInstanceOf(CredentialUnavailableException.class);
        await().until(() -> minter.live.isEmpty() && minter.takenBack.size() == 1);
    }

    @Test
    void serverThatDoesNotAnswer_isWaitedForTwoSeconds() {
        minter.before = Mono.never();
        UpstreamCredential call = upstream(CredentialLifetime.TASK).of(CallTasks.started(store));
        long begun = System.nanoTime();
        assertThatThrownBy(() -> sent(call))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageContaining("within 2 s");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Patience.of(Duration.ofSeconds(4)));
    }

    @Test
    void lastThird_isReplacedInTheBackground_andTheOldOneGivenBack() {
        minter.lifetime = Duration.ofSeconds(90);
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        String first = call(vault, task);
        skipped.set(Duration.ofSeconds(65).toNanos());
        Sinks.Empty<Void> answer = Sinks.empty();
        minter.before = answer.asMono();
        assertThat(call(vault, task)).as("the old one meanwhile").isEqualTo(first);
        await().until(() -> minter.asked.get() == 2);
        minter.lifetime = Duration.ofSeconds(3_000);
        answer.tryEmitEmpty();
        await().until(() -> !call(vault, task).equals(first));
        await().atMost(Patience.of(Duration.ofSeconds(5))).until(() -> minter.takenBack.contains(first));
        assertThat(minter.live).hasSize(1);
    }

    @Test
    void beyondTheBound_theLeastUsedGoesFirst() {
        HeldCredentials held = new HeldCredentials(3);
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        List<LeaseSlot> places = new ArrayList<>();
        List<CallTask> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            CallTask task = CallTasks.named(Tasks.unique("t-"));
            tasks.add(task);
            HeldCredentials.Found found = held.get(
                    minter,
                    task.key(),
                    () -> new LeaseSlot(vault, task, (slot, before) -> Mono.never(), this::nanoTime));
            places.add(found.place());
            if (i == 2) {
                held.get(minter, tasks.get(0).key(), () -> {
                    throw new AssertionError("it is there");
                });
            }
            if (i == 3) {
                assertThat(found.out()).as("the first was used since").containsExactly(places.get(1));
            }
        }
        assertThat(held.has(tasks.get(1).key())).isFalse();
        assertThat(held.all()).hasSize(3);
    }

    @Test
    void stop_givesEverythingBack() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        for (int i = 0; i < 20; i++) {
            call(vault, CallTasks.started(store));
        }
        credentials.stop(Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
        assertThat(minter.live).isEmpty();
        assertThat(minter.takenBack).hasSize(20);
        assertThat(left.size()).isZero();
        assertThat(left.alive).isEmpty();
    }

    @Test
    void stop_givesBackWhatWasReplacedAMomentAgo() {
        minter.lifetime = Duration.ofSeconds(90);
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        String first = call(vault, task);
        skipped.set(Duration.ofSeconds(65).toNanos());
        minter.lifetime = Duration.ofSeconds(3_000);
        await().until(() -> !call(vault, task).equals(first));
        assertThat(minter.live).contains(first).hasSize(2);
        credentials.stop(Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
        assertThat(minter.live).isEmpty();
        assertThat(left.size()).isZero();
    }

    @Test
    void call_thatComesWhileAnotherLeavesAnEmptyPlace_isNotRefused() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        LeaseSlot slot = new LeaseSlot(vault, CallTasks.started(store), (held, before) -> Mono.never(), this::nanoTime);
        assertThat(slot.enter(slot.task)).isTrue();
        assertThat(slot.leave()).as("nobody else is there").isTrue();
        assertThat(slot.enter(slot.task)).as("another call comes in between").isTrue();
        assertThat(slot.closeIfEmpty()).isFalse();
        assertThat(slot.leave()).isTrue();
        assertThat(slot.closeIfEmpty()).isTrue();
        assertThat(slot.enter(slot.task)).isFalse();
    }

    @Test
    void moreTasksThanAreLookedAfterAtOnce_haveTheirTurnsOneAfterTheOther() {
        TaskCredential vault = upstream(CredentialLifetime.STEP);
        watch.dispose();
        TaskWatch later = new TaskWatch(store, credentials, Clock.systemUTC(), this::nanoTime);
        int tasks = 3 * TaskWatch.AT_ONCE;
        for (int i = 0; i < tasks; i++) {
            vault.of(CallTasks.named(Tasks.unique("t-")));
        }
        Set<LeaseSlot> looked = new HashSet<>();
        for (int tick = 0; tick < 3; tick++) {
            // All are due again by the next tick.
            skipped.addAndGet(Duration.ofSeconds(2).toNanos());
            List<LeaseSlot> due = later.due();
            assertThat(due).hasSize(TaskWatch.AT_ONCE);
            looked.addAll(due);
        }
        assertThat(looked).hasSize(tasks);
    }

    @Test
    void lostReplica_isGivenBackByAnother() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        String secret = call(vault, CallTasks.started(store));
        left.alive.remove("g-one");
        StoredCredentials others = new StoredCredentials(left, "g-two", Clock.systemUTC(), System::nanoTime);
        GivingBack othersBack = new GivingBack(others, log, outcomes::add, System::nanoTime);
        TaskCredentials othersCredentials = new TaskCredentials(store, log, others, othersBack, System::nanoTime);
        Disposable adoption = new OrphanedCredentials(
                        others, othersBack, othersCredentials, () -> Map.of("vault", vault), System::nanoTime)
                .watch();
        try {
            await().atMost(Patience.of(Duration.ofSeconds(10))).until(() -> minter.takenBack.contains(secret));
            await().until(() -> left.size() == 0);
        } finally {
            adoption.dispose();
        }
    }

    @Test
    void credentialThatTheServerForgot_isHadAnew_once() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        CallTask task = CallTasks.started(store);
        UpstreamCredential call = vault.of(task);
        String first = sent(call);
        assertThat(call.renewed(Map.of()).blockOptional())
                .as("the server knows it")
                .isEmpty();
        skipped.set(Duration.ofSeconds(2).toNanos());
        minter.known = lease -> !lease.sent().reveal("").equals(first);
        Map<String, String> next = call.renewed(Map.of()).block();
        assertThat(next.get("X-Token")).isNotEqualTo(first);
        assertThat(call.renewed(Map.of()).blockOptional())
                .as("asked a moment ago")
                .isEmpty();
        call.done();
    }

    @Test
    void agentThatNothingProved_isRefused() {
        TaskCredential vault = upstream(CredentialLifetime.TASK);
        assertThatThrownBy(() -> vault.of(CallTasks.unattested(CallTasks.started(store))))
                .isInstanceOf(NotAttestedException.class);
        assertThat(minter.asked).hasValue(0);
    }

    @Test
    void step_withoutAPlan_isForOneCallAlone() {
        TaskCredential vault = upstream(CredentialLifetime.STEP);
        CallTask task = CallTasks.started(store);
        UpstreamCredential one = vault.of(task);
        UpstreamCredential other = vault.of(task);
        String secret = sent(one);
        assertThat(sent(other)).isEqualTo(secret);
        one.done();
        store.apply(task.key(), task.policy(), new TaskStep.Look()).block();
        assertThat(minter.live).as("the other call goes on").containsExactly(secret);
        other.done();
        await().until(() -> minter.takenBack.contains(secret));
        assertThat(call(vault, task)).isNotEqualTo(secret);
    }
}
