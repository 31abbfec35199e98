package dev.errand.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.KeyRing;
import dev.errand.log.EndedBy;
import dev.errand.state.Selector;
import dev.errand.state.StateListener;
import dev.errand.state.redis.MacSeal;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.Seal;
import dev.errand.state.redis.SealedTable;
import dev.errand.state.redis.TcpProxy;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.token.Human;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** The locks and the replicas' entries, as replicas share them in a store that others can write to. */
class FleetTablesIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final List<SecretKey> KEYS = List.of(new SecretKeySpec(new byte[32], "HmacSHA256"));
    private static final Seal SEAL = new MacSeal(() -> KEYS);
    private static final Human ALICE = new Human("https://idp.example", "alice");

    @TempDir
    static Path directory;

    private static RedisProcess redis;
    private static RedisLink link;
    private static KeyRing ours;
    private static KeyRing others;

    @BeforeAll
    static void start() throws Exception {
        redis = new RedisProcess(directory.resolve("redis"), "appendonly no");
        link = RedisLink.open(redis.address(), Duration.ofSeconds(5), Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(SOON)).isTrue();
        ours = KeyRing.createIfAbsent(directory.resolve("ours.jwks"));
        others = KeyRing.createIfAbsent(directory.resolve("others.jwks"));
    }

    @AfterAll
    static void stop() throws Exception {
        link.close();
        redis.close();
    }

    private static Lock lock(String id, long lastsMillis, long keptMillis) {
        return new Lock(
                id,
                0,
                lastsMillis,
                keptMillis,
                EndedBy.operator("bob", ALICE),
                "why",
                true,
                new Selector(ALICE, "spiffe://example.org/a", "release", false));
    }

    @Test
    void lock_isSeenByEveryReplica_untilItIsLiftedAndOver() {
        Locks one = new Locks(new SealedTable(link, SEAL, "locks-1"));
        Locks two = new Locks(new SealedTable(link, SEAL, "locks-1"));
        long before = System.currentTimeMillis();
        Lock set = one.set(lock("l-1", 60_000, before + 60_000)).block(SOON);
        assertThat(set.atMillis()).isBetween(before - 1_000, System.currentTimeMillis() + 1_000);
        assertThat(set.untilMillis() - set.atMillis()).isEqualTo(60_000);
        assertThat(two.isEmpty()).isTrue();
        assertThat(two.refresh().block(SOON)).containsExactly(set);
        Set<String> holders = Set.of("spiffe://example.org/a", "b");
        assertThat(two.find(ALICE, holders, "release", Lock::refusesStarts)).isEqualTo(set);
        assertThat(two.find(ALICE, Set.of("b"), "release", Lock::refusesStarts)).isNull();
        assertThat(two.find(ALICE, holders, "other", Lock::refusesStarts)).isNull();
        assertThat(two.find(new Human("https://other", "alice"), holders, "release", Lock::refusesStarts))
                .isNull();
        assertThat(two.lift("l-1").block(SOON)).isTrue();
        assertThat(two.lift("l-1").block(SOON)).isFalse();
        assertThat(two.find(ALICE, holders, "release", Lock::refusesStarts)).isNull();
        assertThat(one.refresh().block(SOON)).as("what began before still ends").hasSize(1);
    }

    /** A replica whose poller stands still, as on a busy machine. */
    @Test
    void lock_thatActsEverywhere_isReadBeforeACall_byAReplicaThatDidNotPoll() {
        SealedTable table = new SealedTable(link, SEAL, "locks-6");
        Locks one = new Locks(table);
        Locks two = new Locks(table);
        assertThat(two.reading()).as("before the first read").isNotNull();
        two.refresh().block(SOON);
        assertThat(two.reading()).isNull();
        Lock set = one.set(lock("l-6", 60_000, System.currentTimeMillis() + 60_000))
                .block(SOON);
        one.everywhere().block(SOON);
        assertThat(two.all()).isEmpty();
        Mono<Void> reading = two.reading();
        assertThat(reading).isNotNull();
        assertThat(two.reading()).as("calls share one read").isSameAs(reading);
        reading.block(SOON);
        assertThat(two.all()).containsExactly(set);
        assertThat(two.reading()).isNull();
    }

    @Test
    void locks_thatAreOver_orForged_areNotThere_andThereAreOnlySoMany() {
        SealedTable table = new SealedTable(link, SEAL, "locks-2");
        Locks locks = new Locks(table);
        new SealedTable(link, Seal.NONE, "locks-2")
                .put(
                        "l-forged",
                        lock("l", 60_000, 0).at(System.currentTimeMillis()).write())
                .block(SOON);
        table.put("l-over", lock("l", 0, 5).at(5).write()).block(SOON);
        table.put("l-none", "{}").block(SOON);
        assertThat(locks.refresh().block(SOON)).isEmpty();
        long until = System.currentTimeMillis() + 600_000;
        for (int i = 0; i < Locks.MOST; i++) {
            table.put("l-" + i, lock("l", 60_000, until).at(until).write()).block(SOON);
        }
        assertThat(locks.set(lock("l-more", 60_000, until)).block(SOON)).isNull();
    }

    /** Once a lock is written, it acts, whatever becomes of its second writing. */
    @Test
    void lock_whoseTimeCannotBeWritten_isSetAllTheSame() throws Exception {
        String direct = redis.address().nodes().get(0).toURI().toString();
        try (TcpProxy slow = new TcpProxy(redis.port());
                RedisLink far = RedisLink.open(
                        RedisAddress.parse(List.of(direct.replace(":" + redis.port(), ":" + slow.port()))),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        StateListener.NONE)) {
            assertThat(far.awaitAnswer(SOON)).isTrue();
            Locks locks = new Locks(new SealedTable(far, SEAL, "locks-3"));
            SealedTable seen = new SealedTable(link, SEAL, "locks-3");
            slow.delay(Duration.ofMillis(300));
            CompletableFuture<Lock> set = locks.set(lock("l-once", 60_000, System.currentTimeMillis() + 600_000))
                    .toFuture();
            while (seen.read().block(SOON).texts().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            link.ask(commands -> commands.aclSetuser("default", AclSetuserArgs.Builder.removeCommand(CommandType.HSET))
                            .toCompletableFuture())
                    .get(5, TimeUnit.SECONDS);
            slow.delay(Duration.ZERO);
            try {
                Lock answered = set.get(30, TimeUnit.SECONDS);
                assertThat(answered.id()).isEqualTo("l-once");
                Locks other = new Locks(seen);
                assertThat(other.refresh().block(SOON)).containsExactly(answered);
            } finally {
                link.ask(commands -> commands.aclSetuser("default", AclSetuserArgs.Builder.addCommand(CommandType.HSET))
                                .toCompletableFuture())
                        .get(5, TimeUnit.SECONDS);
            }
        }
    }

    /** What was written counts, whatever becomes of reading the table again. */
    @Test
    void liftedLock_andGivenUpReplica_areTold_whereTheTableCannotBeReadAgain() throws Exception {
        String direct = redis.address().nodes().get(0).toURI().toString();
        try (TcpProxy slow = new TcpProxy(redis.port());
                RedisLink far = RedisLink.open(
                        RedisAddress.parse(List.of(direct.replace(":" + redis.port(), ":" + slow.port()))),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        StateListener.NONE)) {
            assertThat(far.awaitAnswer(SOON)).isTrue();
            SealedTable seen = new SealedTable(link, SEAL, "locks-5");
            new Locks(seen)
                    .set(lock("l-5", 60_000, System.currentTimeMillis() + 600_000))
                    .block(SOON);
            String before = seen.read().block(SOON).texts().get("l-5");
            slow.delay(Duration.ofMillis(300));
            CompletableFuture<Boolean> lifted =
                    new Locks(new SealedTable(far, SEAL, "locks-5")).lift("l-5").toFuture();
            while (before.equals(seen.read().block(SOON).texts().get("l-5"))) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(withoutReading(slow, lifted)).isTrue();

            SealedTable replicas = new SealedTable(link, SEAL, "replicas-5");
            LogKeySignatures signatures = new LogKeySignatures(ours, new JoseSignatureVerifier());
            long now = replicas.time().block(SOON);
            replicas.put(
                            "g-5",
                            signatures.sign(
                                    Replica.TYPE,
                                    replica("g-5").seen(now - 16_000).claims()))
                    .block(SOON);
            slow.delay(Duration.ofMillis(300));
            CompletableFuture<Replicas.GivenUp> given = new Replicas(
                            new SealedTable(far, SEAL, "replicas-5"), ours, new JoseSignatureVerifier(), "g-1")
                    .giveUp("g-5")
                    .toFuture();
            while (!replicas.read().block(SOON).texts().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(withoutReading(slow, given)).isEqualTo(Replicas.GivenUp.GONE);
        }
    }

    private static <T> T withoutReading(TcpProxy slow, CompletableFuture<T> asked) throws Exception {
        link.ask(commands -> commands.aclSetuser("default", AclSetuserArgs.Builder.removeCommand(CommandType.HGETALL))
                        .toCompletableFuture())
                .get(5, TimeUnit.SECONDS);
        slow.delay(Duration.ZERO);
        try {
            return asked.get(30, TimeUnit.SECONDS);
        } finally {
            link.ask(commands -> commands.aclSetuser("default", AclSetuserArgs.Builder.addCommand(CommandType.HGETALL))
                            .toCompletableFuture())
                    .get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void rowThatThisBuildCannotRead_isNotRemoved() {
        SealedTable table = new SealedTable(link, SEAL, "locks-4");
        table.put("l-newer", "{\"of\":\"a newer build\"}").block(SOON);
        table.put("l-over", lock("l", 0, 5).at(5).write()).block(SOON);
        new Locks(table)
                .set(lock("l-more", 60_000, System.currentTimeMillis() + 60_000))
                .block(SOON);
        assertThat(table.read().block(SOON).texts()).containsOnlyKeys("l-newer", "l-more");
    }

    private static Replica replica(String instance) {
        return new Replica(instance, "http://127.0.0.1:1", "1", "sha-256:a", "enforce", "2026-11-27T00:00:00Z", 0);
    }

    @Test
    void replica_signsOn_andOff_andIsMissedOtherwise() throws Exception {
        SealedTable table = new SealedTable(link, SEAL, "replicas-1");
        Replicas one = new Replicas(table, ours, new JoseSignatureVerifier(), "g-1");
        Replicas two = new Replicas(table, ours, new JoseSignatureVerifier(), "g-2");
        one.start(() -> replica("g-1"));
        two.start(() -> replica("g-2"));
        awaitReplicas(one, 2);
        assertThat(one.last().lost()).isEmpty();
        two.close();
        awaitReplicas(one, 1);
        LogKeySignatures signatures = new LogKeySignatures(ours, new JoseSignatureVerifier());
        long now = table.time().block(SOON);
        table.put(
                        "g-3",
                        signatures.sign(
                                Replica.TYPE, replica("g-3").seen(now - 16_000).claims()))
                .block(SOON);
        assertThat(one.read().block(SOON).lost()).extracting(Replica::instance).containsExactly("g-3");
        assertThat(one.giveUp("g-1").block(SOON)).isEqualTo(Replicas.GivenUp.RUNS);
        assertThat(one.giveUp("g-3").block(SOON)).isEqualTo(Replicas.GivenUp.GONE);
        assertThat(one.giveUp("g-3").block(SOON)).isEqualTo(Replicas.GivenUp.UNKNOWN);
        one.close();
        assertThat(two.read().block(SOON).replicas()).isEmpty();
    }

    /** Nothing in the store forgets a replica that is lost: an hour and a quarter of a year later it still stands there. */
    @Test
    void replica_lostForLong_isStillNamed() throws Exception {
        SealedTable table = new SealedTable(link, SEAL, "replicas-3");
        Replicas one = new Replicas(table, ours, new JoseSignatureVerifier(), "g-1");
        LogKeySignatures signatures = new LogKeySignatures(ours, new JoseSignatureVerifier());
        long now = table.time().block(SOON);
        for (Duration silent : List.of(Duration.ofHours(1), Duration.ofDays(90))) {
            Replica lost = replica("g-" + silent).seen(now - silent.toMillis());
            table.put(lost.instance(), signatures.sign(Replica.TYPE, lost.claims()))
                    .block(SOON);
        }
        assertThat(one.read().block(SOON).lost())
                .extracting(Replica::instance)
                .containsExactlyInAnyOrder("g-PT1H", "g-PT2160H");
        long left = link.ask(commands -> commands.pttl("{errand:replicas-3}".getBytes(StandardCharsets.US_ASCII))
                        .toCompletableFuture())
                .get();
        assertThat(left).as("without an expiry").isEqualTo(-1);
    }

    private static void awaitReplicas(Replicas replicas, int count) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (replicas.read().block(SOON).replicas().size() != count) {
            assertThat(System.nanoTime() - deadline).isNegative();
            Thread.sleep(50);
        }
    }

    @Test
    void entryOfAReplica_thatNoLogKeySigned_orThatIsAnothers_isNotThere() {
        SealedTable table = new SealedTable(link, SEAL, "replicas-2");
        Replicas replicas = new Replicas(table, ours, new JoseSignatureVerifier(), "g-1");
        LogKeySignatures good = new LogKeySignatures(ours, new JoseSignatureVerifier());
        LogKeySignatures bad = new LogKeySignatures(others, new JoseSignatureVerifier());
        byte[] claims = replica("g-2").seen(1).claims();
        table.put("g-2", bad.sign(Replica.TYPE, claims)).block(SOON);
        table.put("g-3", good.sign(Replica.TYPE, claims)).block(SOON);
        table.put("g-4", good.sign(ReplicaTokens.TYPE, replica("g-4").claims())).block(SOON);
        table.put("g-5", "x.y.z").block(SOON);
        assertThat(replicas.read().block(SOON).replicas()).isEmpty();
        table.put("g-2", good.sign(Replica.TYPE, claims)).block(SOON);
        assertThat(replicas.read().block(SOON).replicas()).hasSize(1);
    }

    @Test
    void token_isGoodOnce_forOneUrl_forTenSeconds() {
        Instant now = Instant.parse("2026-11-27T12:00:00Z");
        ReplicaTokens maker = new ReplicaTokens(ours, new JoseSignatureVerifier(), Clock.fixed(now, ZoneOffset.UTC));
        String token = maker.make("g-1", "https://b");
        assertThat(maker.take(token, "https://c", "g-9")).isFalse();
        assertThat(maker.take(token, "https://b", "g-1")).as("of itself").isFalse();
        assertThat(maker.take(token, "https://b", "g-9")).isTrue();
        assertThat(maker.take(token, "https://b", "g-9")).as("again").isFalse();
        ReplicaTokens late =
                new ReplicaTokens(ours, new JoseSignatureVerifier(), Clock.fixed(now.plusSeconds(16), ZoneOffset.UTC));
        assertThat(late.take(maker.make("g-1", "https://b"), "https://b", "g-9"))
                .isFalse();
        ReplicaTokens early =
                new ReplicaTokens(ours, new JoseSignatureVerifier(), Clock.fixed(now.minusSeconds(6), ZoneOffset.UTC));
        assertThat(early.take(maker.make("g-1", "https://b"), "https://b", "g-9"))
                .isFalse();
        ReplicaTokens foreign =
                new ReplicaTokens(others, new JoseSignatureVerifier(), Clock.fixed(now, ZoneOffset.UTC));
        assertThat(maker.take(foreign.make("g-1", "https://b"), "https://b", "g-9"))
                .isFalse();
        assertThat(maker.take("x.y.z", "https://b", "g-9")).isFalse();
    }
}
