package dev.errand.state.redis;

import static dev.errand.task.Tasks.call;
import static dev.errand.task.Tasks.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.loop.Continuation;
import dev.errand.loop.EventLoopScheduler;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Permitted;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.netty.channel.EventLoopGroup;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** The same faults where steps come from an event loop that serves callers, which has a connection of its own to the store. */
class RedisFailureOnLoopIT extends RedisFailureIT {
    private final LoopResources resources = LoopResources.create("agents", 1, true);
    // As the server's own: on the native transport where there is one.
    private final EventLoopGroup group = resources.onServer(true);
    private final EventLoopScheduler loop = new EventLoopScheduler(group.next());

    @Override
    Mono<TaskOutcome> submitted(Mono<TaskOutcome> step) {
        return step.subscribeOn(loop).contextWrite(context -> Continuation.on(loop, context));
    }

    @BeforeEach
    void useTheLoopsConnection() throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!addressesOfScripts().equals(loopsConnections())) {
            assertThat(System.nanoTime()).as("steps by the loop's connection").isLessThan(end);
            Thread.sleep(10);
        }
    }

    @AfterEach
    void endTheLoop() {
        // A loop on which a link pings does not become quiet.
        link().leaveLoops();
        resources.disposeLater(Duration.ofMillis(300), Duration.ofSeconds(5)).block(Duration.ofSeconds(5));
    }

    @Test
    void step_goesByTheLoopsConnection_andByTheLinksOwnWhenThatHasLeft() throws Exception {
        Set<String> loops = loopsConnections();
        assertThat(loops).hasSize(1);
        assertThat(addressesOfScripts()).isEqualTo(loops);
        link().leaveLoops();
        assertThat(addressesOfScripts()).hasSize(1).doesNotContainAnyElementsOf(loops);
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!loopsConnections().isEmpty()) {
            assertThat(System.nanoTime()).as("the loop's connection is closed").isLessThan(end);
            Thread.sleep(20);
        }
        link().joinLoops();
        useTheLoopsConnection();
    }

    @Test
    void loopsConnectionKilled_noStepFailsMeanwhile_andANewOneFollows() throws Exception {
        Set<String> first = loopsConnections();
        for (String address : first) {
            asked(commands -> commands.clientKill(address));
        }
        Thread.sleep(20);
        // Until it is connected again, a tenth of a second later: over the link's own.
        for (int i = 0; i < 100; i++) {
            assertThat(apply(call(List.of(token("root")), "x")).get(5, TimeUnit.SECONDS))
                    .isInstanceOf(Permitted.class);
        }
        assertThat(link().breakerState()).isEqualTo("CLOSED");
        useTheLoopsConnection();
        assertThat(loopsConnections()).doesNotContainAnyElementsOf(first);
    }

    @Test
    void scriptsFlushed_areLoadedAgainByTheLoopsConnection() throws Exception {
        asked(commands -> commands.scriptFlush());
        assertThat(apply(call(List.of(token("root")), "x")).get(5, TimeUnit.SECONDS))
                .isInstanceOf(Permitted.class);
    }

    @Test
    void loopBusyForLongerThanTheTimeout_stillTakesTheAnswerThatIsThere() throws Exception {
        int taken = 0;
        // On a busy machine the store itself may need more than the timeout.
        for (int i = 0; i < 15 && taken < 5; i++) {
            CompletableFuture<TaskOutcome> outcome = apply(call(List.of(token("root")), "x"));
            // Behind the end of the turn that sends it.
            loop.schedule(() -> loop.schedule(() -> busy(Duration.ofMillis(150))));
            taken += outcome.handle((permitted, away) -> permitted instanceof Permitted)
                            .get(5, TimeUnit.SECONDS)
                    ? 1
                    : 0;
        }
        assertThat(taken).isEqualTo(5);
    }

    private static void busy(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** Where script calls came from just now, of some steps. */
    private Set<String> addressesOfScripts() throws Exception {
        asked(commands -> commands.configSet("slowlog-log-slower-than", "0"));
        asked(commands -> commands.slowlogReset());
        for (int i = 0; i < 10; i++) {
            assertThat(eventuallyCalls(SECOND)).isInstanceOf(Permitted.class);
        }
        List<Object> log = asked(commands -> commands.slowlogGet(128));
        return log.stream()
                .map(entry -> (List<?>) entry)
                .filter(entry -> text(((List<?>) entry.get(3)).get(0)).equalsIgnoreCase("evalsha"))
                .map(entry -> text(entry.get(4)))
                .collect(Collectors.toSet());
    }

    /** The connections that do nothing but call scripts and ping; the link's own asks this question besides. */
    private Set<String> loopsConnections() throws Exception {
        return Pattern.compile("(?m)^id=\\d+ addr=(\\S+) .*cmd=(?:evalsha|ping)\\b")
                .matcher(asked(commands -> commands.clientList()))
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toSet());
    }

    private static String text(Object bulk) {
        return bulk instanceof byte[] bytes ? new String(bytes, StandardCharsets.US_ASCII) : String.valueOf(bulk);
    }

    private <T> T asked(Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> question) throws Exception {
        return link().ask(commands -> question.apply(commands).toCompletableFuture())
                .get(5, TimeUnit.SECONDS);
    }
}
