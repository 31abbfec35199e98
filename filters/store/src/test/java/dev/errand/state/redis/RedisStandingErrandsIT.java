package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.limit.Bandwidth;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.Begin;
import dev.errand.state.StandingErrand.Run;
import dev.errand.state.StandingErrands;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.token.Human;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Standing errands in a real Redis: runs, rate and calls count once, whoever of three replicas counts them. */
class RedisStandingErrandsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long HOUR = 3_600_000;

    @TempDir
    private static Path directory;

    private static RedisProcess redis;
    private static final List<RedisLink> LINKS = new ArrayList<>();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @BeforeAll
    static void start() throws Exception {
        redis = new RedisProcess(directory);
        for (int i = 0; i < 3; i++) {
            LINKS.add(
                    RedisLink.open(redis.address(), Duration.ofSeconds(5), Duration.ofSeconds(5), StateListener.NONE));
            assertThat(LINKS.get(i).awaitAnswer(SOON)).isTrue();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        LINKS.forEach(RedisLink::close);
        redis.close();
    }

    private static StandingErrands store(int link, int key) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) key;
        SecretKey secret = new SecretKeySpec(bytes, "HmacSHA256");
        return new RedisStandingErrands(LINKS.get(link), Duration.ofSeconds(5), new SecretSeal(() -> List.of(secret)));
    }

    private static StandingErrand errand(int runs, long calls, @Nullable Bandwidth limit) {
        long now = System.currentTimeMillis();
        String id = String.format("se-%022d", NUMBER.incrementAndGet());
        return StandingErrand.allowed(
                id,
                "nightly",
                new Human("https://idp.example.org", "alice"),
                "spiffe://example.org/agent/nightly",
                new StandingErrand.Allowed(runs, calls, now + HOUR, limit, now + NUMBER.get()));
    }

    /** Begins a run as a replica does: it looks, and takes at most ten calls. */
    private static Begin begin(StandingErrands store, String id, int atOnce) {
        while (true) {
            StandingErrand now = store.find(id).block(SOON).orElseThrow().errand();
            Run run = Run.wanted(
                    now.used() + 1,
                    "request" + NUMBER.incrementAndGet(),
                    "t-" + NUMBER.get(),
                    System.currentTimeMillis() + HOUR,
                    Math.min(10, now.callsLeft()),
                    new KeptAnswer(new byte[] {1, 2}));
            Begin[] begun = new Begin[1];
            store.change(id, (before, millis) -> {
                        begun[0] = before.begin(run, atOnce, millis);
                        return begun[0] instanceof Begin.Counted counted ? counted.next() : before;
                    })
                    .block(SOON);
            if (!(begun[0] instanceof Begin.Moved)) {
                return begun[0];
            }
        }
    }

    @Test
    void threeReplicasAtOnce_neverPassRunsRateAndCalls() {
        StandingErrand byRuns = errand(7, 1_000, null);
        StandingErrand byCalls = errand(100, 35, null);
        StandingErrand byRate = errand(100, 1_000, new Bandwidth(3, Duration.ofDays(1), false));
        StandingErrand atOnce = errand(100, 1_000, null);
        List<StandingErrands> stores = List.of(store(0, 1), store(1, 1), store(2, 1));
        for (StandingErrand each : List.of(byRuns, byCalls, byRate, atOnce)) {
            assertThat(stores.get(0).create(each, new byte[] {1}).block(SOON)).isTrue();
            int most = each == atOnce ? 2 : 100;
            long begun = Flux.range(0, 60)
                    .parallel(12)
                    .runOn(reactor.core.scheduler.Schedulers.boundedElastic())
                    .map(i -> begin(stores.get(i % 3), each.id(), most))
                    .filter(Begin.Counted.class::isInstance)
                    .sequential()
                    .count()
                    .block(SOON);
            StandingErrand after =
                    stores.get(1).find(each.id()).block(SOON).orElseThrow().errand();
            assertThat(after.used()).isEqualTo((int) begun);
            long taken = after.live().stream().mapToLong(Run::calls).sum();
            assertThat(taken + after.callsLeft()).isEqualTo(each.allowed().calls());
            assertThat(begun).isEqualTo(each == byRuns ? 7 : each == byCalls ? 4 : each == byRate ? 3 : 2);
            assertThat(after.live().stream().map(Run::number).distinct()).hasSize((int) begun);
        }
    }

    @Test
    void olderState_ofARestoredStore_isEnded() throws Exception {
        StandingErrands store = store(0, 1);
        StandingErrand errand = errand(9, 100, null);
        store.create(errand, new byte[] {1}).block(SOON);
        begin(store, errand.id(), 9);
        String key = "errand:e:{" + errand.id() + "}";
        redis.command("COPY", key, "older");
        begin(store, errand.id(), 9);
        redis.command("COPY", "older", key, "REPLACE");
        StandingErrand found = store.find(errand.id()).block(SOON).orElseThrow().errand();
        assertThat(found.endedBy()).isEqualTo(StandingErrand.ROLLBACK);
        assertThat(begin(store, errand.id(), 9)).isInstanceOf(Begin.Refused.class);
        // Once one replica has taken note of it, all know.
        store.change(errand.id(), (now, millis) -> now.asTold()).block(SOON);
        assertThat(store(1, 1)
                        .find(errand.id())
                        .block(SOON)
                        .orElseThrow()
                        .errand()
                        .endedBy())
                .isEqualTo(StandingErrand.ROLLBACK);
    }

    @Test
    void list_hasTheLatestFirst_inPages_andForgetsWhatIsGone() throws Exception {
        StandingErrands store = store(0, 1);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            StandingErrand errand = errand(1, 1, null);
            store.create(errand, new byte[] {(byte) i}).block(SOON);
            ids.add(errand.id());
        }
        List<String> members = store.members(null).block(SOON);
        assertThat(members.subList(0, 3)).allMatch(member -> ids.contains(member.substring(member.length() - 25)));
        assertThat(members.get(0)).endsWith(ids.get(2));
        assertThat(store.members(members.get(1)).block(SOON).get(0)).isEqualTo(members.get(2));
        assertThat(store.read(members.subList(0, 3)).block(SOON))
                .extracting(found -> found.errand().id())
                .containsExactly(ids.get(2), ids.get(1), ids.get(0));
        assertThat(store.request(ids.get(2)).block(SOON).orElseThrow()).containsExactly(2);
        redis.command("DEL", "errand:e:{" + ids.get(0) + "}");
        assertThat(store.read(members.subList(0, 3)).block(SOON)).hasSize(2);
        assertThat(store.find(ids.get(0)).block(SOON)).isEmpty();
    }

    @Test
    void create_isOnce_andAValueOfAnotherKeyCountsAsNone() {
        StandingErrands store = store(0, 1);
        StandingErrand errand = errand(5, 5, null);
        store.create(errand, new byte[] {1}).block(SOON);
        begin(store, errand.id(), 1);
        assertThat(store.create(errand, new byte[] {2}).block(SOON)).isTrue();
        assertThat(store.find(errand.id()).block(SOON).orElseThrow().errand().used())
                .isEqualTo(1);
        assertThat(store(1, 2).find(errand.id()).block(SOON)).isEmpty();
        assertThat(store(1, 2).request(errand.id()).block(SOON)).isEmpty();
        assertThat(store.survives(errand.id()).block(SOON)).isTrue();
    }
}
