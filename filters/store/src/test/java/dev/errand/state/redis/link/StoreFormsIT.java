package dev.errand.state.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisCluster;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.RedisSentinels;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.TcpProxy;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each form of the store as operators have it, before real servers, with the bad inputs of each. */
@Execution(ExecutionMode.CONCURRENT)
class StoreFormsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private static RedisLink open(RedisAddress address) {
        return RedisLink.open(address, TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
    }

    private static StoreFault refused(RedisAddress address) throws Exception {
        try (RedisLink link = open(address)) {
            RedisProcess.until("it is known why", () -> link.fault() != null);
            assertThat(link.isAnswering()).isFalse();
            return Objects.requireNonNull(link.fault());
        }
    }

    /** Starts a task there, and makes a call of it. */
    private static void assertWorks(RedisAddress address, int tasks) throws Exception {
        try (RedisLink link = open(address)) {
            long end = System.nanoTime() + SOON.toNanos();
            while (!link.isAnswering() && System.nanoTime() - end < 0) {
                StoreFault fault = link.fault();
                assertThat(fault == null || !fault.isRefusal())
                        .as("a start would end for %s", fault)
                        .isTrue();
                TimeUnit.MILLISECONDS.sleep(1);
            }
            assertThat(link.isAnswering()).as("%s", link.fault()).isTrue();
            RedisTaskStore store =
                    new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
            for (int i = 0; i < tasks; i++) {
                TaskKey key = new TaskKey(Tasks.unique("t-"));
                store.apply(
                                key,
                                Tasks.policy(),
                                new TaskStep.Start(Tasks.token("root").id(), Tasks.FAR_MILLIS))
                        .block();
                assertThat(store.apply(key, Tasks.policy(), Tasks.call(List.of(Tasks.token("root")), "x"))
                                .block())
                        .isInstanceOf(TaskOutcome.Permitted.class);
            }
        }
    }

    private StoreAccess access(@Nullable String user, @Nullable String password, @Nullable Path authorities)
            throws Exception {
        Path file = password == null ? null : Files.writeString(Files.createTempFile(directory, "p", ""), password);
        return new StoreAccess(user, file, authorities);
    }

    @Test
    void aclUser_withTheDocumentedRights_isEnough() throws Exception {
        try (RedisProcess redis = new RedisProcess(
                directory.resolve("redis"),
                "user errand on >s3cret ~* &* +@read +@write +@scripting +@connection +@pubsub +info +cluster +role"
                        + " +wait +time",
                "user poor on >s3cret ~* resetchannels +@read +@write +@scripting +@connection")) {
            List<String> url = List.of(redis.url());
            assertWorks(RedisAddress.parse(url, access("errand", "s3cret\n", null)), 3);
            assertThat(refused(RedisAddress.parse(url, access("errand", "wrong", null)))
                            .kind())
                    .isEqualTo(StoreFault.Kind.CREDENTIALS);
            assertThat(refused(RedisAddress.parse(url, access("nobody", "s3cret", null)))
                            .kind())
                    .isEqualTo(StoreFault.Kind.CREDENTIALS);
            assertThat(refused(RedisAddress.parse(url, access("poor", "s3cret", null)))
                            .kind())
                    .isEqualTo(StoreFault.Kind.PERMISSION);
        }
    }

    @Test
    void defaultUser_withAPasswordFile_followsItsChange() throws Exception {
        try (RedisProcess redis = new RedisProcess(directory.resolve("redis"), "requirepass first").password("first")) {
            List<String> url = List.of("redis://127.0.0.1:" + redis.port());
            StoreAccess access = access(null, "first", null);
            assertThat(refused(RedisAddress.parse(url)).kind()).isEqualTo(StoreFault.Kind.CREDENTIALS);
            try (RedisLink link = open(RedisAddress.parse(url, access))) {
                assertThat(link.awaitAnswer(SOON)).isTrue();
                redis.command("CONFIG", "SET", "requirepass", "second");
                redis.password("second");
                Files.writeString(Objects.requireNonNull(access.password()), "second");
                redis.command("CLIENT", "KILL", "TYPE", "normal");
                redis.command("CLIENT", "KILL", "TYPE", "pubsub");
                TimeUnit.MILLISECONDS.sleep(1_500);
                assertThat(link.awaitAnswer(SOON)).as("%s", link.fault()).isTrue();
            }
        }
        try (RedisProcess open = new RedisProcess(directory.resolve("open"))) {
            assertWorks(RedisAddress.parse(List.of(open.url()), access(null, "needless", null)), 1);
        }
    }

    @Test
    void tls_ofAnAuthorityOfItsOwn_isBelievedByThatAlone() throws Exception {
        TestPem server = TestPem.make(directory, "server", "ip:127.0.0.1");
        TestPem other = TestPem.make(directory, "other", "ip:127.0.0.1");
        TestPem elsewhere = TestPem.make(directory, "elsewhere", "dns:elsewhere.example");
        try (TlsRedis right = new TlsRedis(server, "right");
                TlsRedis wrongName = new TlsRedis(elsewhere, "wrong")) {
            assertWorks(RedisAddress.parse(List.of(right.url()), access("default", "s3cret", server.certificate())), 3);
            assertThat(refused(RedisAddress.parse(List.of(right.url()), access(null, "s3cret", other.certificate())))
                            .kind())
                    .isEqualTo(StoreFault.Kind.CERTIFICATE);
            assertThat(refused(RedisAddress.parse(List.of(right.url()), access(null, "s3cret", null)))
                            .kind())
                    .as("Java does not trust it")
                    .isEqualTo(StoreFault.Kind.CERTIFICATE);
            assertThat(refused(RedisAddress.parse(
                                    List.of(wrongName.url()), access(null, "s3cret", elsewhere.certificate())))
                            .kind())
                    .as("the name is another")
                    .isEqualTo(StoreFault.Kind.CERTIFICATE);
            assertThat(refused(RedisAddress.parse(List.of(right.url()), access(null, "wrong", server.certificate())))
                            .kind())
                    .isEqualTo(StoreFault.Kind.CREDENTIALS);
        }
    }

    /** A server that speaks TLS itself where its build can; else one behind a TLS proxy. */
    private final class TlsRedis implements AutoCloseable {
        private final RedisProcess redis;
        private final @Nullable TcpProxy proxy;
        private final int port;

        TlsRedis(TestPem pem, String name) throws Exception {
            if (speaksTls()) {
                try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    port = free.getLocalPort();
                }
                redis = new RedisProcess(
                                directory.resolve(name),
                                "requirepass s3cret",
                                "tls-port " + port,
                                "tls-cert-file " + pem.certificate(),
                                "tls-key-file " + pem.key(),
                                "tls-ca-cert-file " + pem.certificate(),
                                "tls-auth-clients no")
                        .password("s3cret");
                proxy = null;
            } else {
                redis = new RedisProcess(directory.resolve(name), "requirepass s3cret").password("s3cret");
                proxy = new TcpProxy(
                        redis.port(),
                        pem.serving()
                                .getServerSocketFactory()
                                .createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
                port = proxy.port();
            }
        }

        private boolean speaksTls() throws Exception {
            String other = System.getProperty("errand.test.redis", "");
            Path binary = other.isEmpty() ? RedisProcess.usual() : Path.of(other);
            Process asked = new ProcessBuilder(binary.toString(), "--port", "0", "--tls-port", "0")
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("tls.log").toFile())
                    .start();
            boolean refuses = asked.waitFor(1, TimeUnit.SECONDS);
            asked.destroyForcibly().waitFor();
            return !refuses;
        }

        String url() {
            return "rediss://127.0.0.1:" + port;
        }

        @Override
        public void close() throws Exception {
            if (proxy != null) {
                proxy.close();
            }
            redis.close();
        }
    }

    @Test
    void clusterBehindOneName_isFoundWhole() throws Exception {
        try (RedisCluster cluster = new RedisCluster(directory.resolve("cluster"))) {
            assertWorks(RedisAddress.parse(List.of(cluster.urls().get(1))), 30);
        }
    }

    @Test
    void sentinels_nameTheMaster_withAndWithoutAPassword() throws Exception {
        try (RedisSentinels open = new RedisSentinels(directory.resolve("open"), "")) {
            assertWorks(RedisAddress.parse(List.of(open.url(RedisSentinels.MASTER))), 3);
            StoreFault unknown = refused(RedisAddress.parse(List.of(open.url("ordrs"))));
            assertThat(unknown.kind()).isEqualTo(StoreFault.Kind.MASTER);
            assertThat(unknown.said()).contains("ordrs");
        }
        try (RedisSentinels secured = new RedisSentinels(directory.resolve("secured"), "s3cret")) {
            List<String> url = List.of(secured.url(RedisSentinels.MASTER));
            assertWorks(RedisAddress.parse(url, access(null, "s3cret", null)), 3);
            assertThat(refused(RedisAddress.parse(url, access(null, "wrong", null)))
                            .kind())
                    .isEqualTo(StoreFault.Kind.CREDENTIALS);
        }
    }

    @Test
    void nobody_isAway() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        StoreFault fault = refused(RedisAddress.parse(List.of("redis://127.0.0.1:" + port)));
        assertThat(fault.kind()).isEqualTo(StoreFault.Kind.AWAY);
        assertThat(fault.said()).contains("refused");
        assertThat(refused(RedisAddress.parse(List.of("redis-sentinel://127.0.0.1:" + port + "#m")))
                        .kind())
                .isEqualTo(StoreFault.Kind.AWAY);
    }
}
