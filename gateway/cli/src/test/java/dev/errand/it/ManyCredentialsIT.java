package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many tasks, each with a credential of its own, at one replica. {@code -Derrand.credentials=10000} has as many tasks, and tells memory,
 * logins a second and what the bound does; that takes minutes.
 */
class ManyCredentialsIT {
    private static final int TASKS = Integer.getInteger("errand.credentials", 50);
    private static final int BOUND = 10_000;
    private static final int CALLERS = 8;
    private static final int FIRST_CALLS = 200;
    private static final String VAULT = "/vault/v1/secret/data/a";
    private static final String PLAIN = "/ci/api/v1/pipelines/payments/runs";
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private static Path directory;

    private static RecordingUpstream plain;
    private static ZeroUpstream vault;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        plain = new RecordingUpstream();
        vault = new ZeroUpstream();
        String application = FrontedServer.application("vault", vault.uri(), List.of("UpstreamCredential=vault"))
                .replace(
                        "errand:\n",
                        "    - {id: ci, uri: \"" + plain.uri()
                                + "\", predicates: [Path=/ci/**], filters: [StripPrefix=1,"
                                + " OperationMapping=ci]}\nerrand:\n");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", application)
                .file(
                        "tasks/work.yaml",
                        FrontedServer.template(FrontedServer.everything("vault") + FrontedServer.everything("ci")))
                .property("errand.credential-keys", "file:" + CredentialKeysFile.in(directory))
                .property("errand.upstreams.vault.vault-login.url", vault.uri())
                .property("errand.upstreams.vault.vault-login.role", "errand")
                .property("errand.upstreams.vault.vault-login.per", "task")
                .property("errand.upstreams.vault.vault-login.audience", "vault")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        vault.close();
        plain.close();
    }

    /** Starts a task; waits where the agent has started too many of late. */
    private static TestAgent task() {
        return await().ignoreExceptionsMatching(
                        failure -> String.valueOf(failure.getMessage()).contains("answered 429"))
                .pollInterval(Duration.ofMillis(500))
                .pollDelay(Duration.ZERO)
                .atMost(Duration.ofMinutes(2))
                .until(ManyCredentialsIT::startOne, agent -> true);
    }

    private static TestAgent startOne() {
        return TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"work\",\"parameters\":{}}");
    }

    private static boolean calls(TestAgent agent, String path) {
        assertThat(agent.get(gateway, path).statusCode()).isEqualTo(200);
        return true;
    }

    @Test
    void firstCalls_ofATask_shareOneLogin() throws Exception {
        int before = vault.tokens();
        TestAgent agent = task();
        CountDownLatch together = new CountDownLatch(FIRST_CALLS);
        ExecutorService threads = Executors.newFixedThreadPool(FIRST_CALLS);
        try {
            each(threads, FIRST_CALLS, number -> {
                together.countDown();
                try {
                    together.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return calls(agent, VAULT);
            });
        } finally {
            threads.shutdownNow();
        }
        assertThat(vault.tokens() - before).isEqualTo(1);
        agent.end(gateway);
        await().atMost(Patience.of(Duration.ofSeconds(10)))
                .until(() -> vault.seen(agent.task()).dead() == 1);
    }

    @Test
    void tasks_haveACredentialEach_heldUpToTheBound() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try {
            // A call to the other upstream first, so that what every task costs is not counted as its credential's.
            List<TestAgent> agents = each(threads, TASKS, number -> {
                TestAgent agent = task();
                calls(agent, PLAIN);
                return agent;
            });
            plain.forget();
            long before = usedBytes();
            int earlier = vault.tokens();
            long dead = vault.dead();
            long begun = System.nanoTime();
            each(threads, TASKS, number -> calls(agents.get(number), VAULT));
            double seconds = (System.nanoTime() - begun) / 1e9;
            int logins = vault.tokens() - earlier;
            int held = Math.min(TASKS, BOUND);
            assertThat(logins).as("one login a task").isEqualTo(TASKS);
            await().atMost(Duration.ofSeconds(60)).until(() -> logins - (vault.dead() - dead) == held);
            System.out.printf(
                    Locale.ROOT,
                    "credentials: %d logins in %.1f s (%.0f a second, %d callers), %d held, %d given back, %.1f KB"
                            + " each%n",
                    logins,
                    seconds,
                    logins / seconds,
                    CALLERS,
                    held,
                    vault.dead() - dead,
                    (usedBytes() - before) / 1024.0 / held);
            // The one that was used least is had anew where it had to go, and takes the place of another.
            calls(agents.get(0), VAULT);
            assertThat(vault.tokens() - earlier).isEqualTo(TASKS > BOUND ? TASKS + 1 : TASKS);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> vault.tokens() - earlier - (vault.dead() - dead) == held);
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> List<T> each(ExecutorService threads, int times, IntFunction<T> work) throws Exception {
        List<Future<T>> all = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            int number = i;
            all.add(threads.submit(() -> work.apply(number)));
        }
        List<T> done = new ArrayList<>();
        for (Future<T> one : all) {
            done.add(one.get());
        }
        return done;
    }

    private static long usedBytes() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(200);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
