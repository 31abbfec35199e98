package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreFault;
import dev.errand.state.redis.link.TestPem;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rediss://}: TLS before a real server, its certificate checked against the trust store that the JVM is told. */
class RedisTlsIT {
    private static final String PASSWORD = "changeit";
    private static final Duration LONG = Duration.ofSeconds(10);

    @TempDir
    static Path directory;

    private static RedisProcess redis;
    private static TcpProxy tls;
    private final Properties before = new Properties();

    @BeforeAll
    static void start() throws Exception {
        redis = new RedisProcess(directory.resolve("redis"), "requirepass s3cret").password("s3cret");
        tls = new TcpProxy(
                redis.port(),
                made("server")
                        .serving()
                        .getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        made("other");
    }

    @AfterAll
    static void stop() throws Exception {
        tls.close();
        redis.close();
    }

    @BeforeEach
    void remember() {
        before.putAll(System.getProperties());
    }

    @AfterEach
    void restore() {
        System.setProperties(before);
    }

    /** A certificate for the address 127.0.0.1, and a trust store of it alone. */
    private static TestPem made(String name) throws Exception {
        TestPem pem = TestPem.make(directory, name, "ip:127.0.0.1");
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(pem.certificate())) {
            trusted.setCertificateEntry(
                    name, CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        try (OutputStream out = Files.newOutputStream(trusting(name))) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        return pem;
    }

    private static Path trusting(String name) {
        return directory.resolve(name + "-trust.p12");
    }

    private static RedisLink trustingOnly(String name, String address, Duration connect) {
        System.setProperty("javax.net.ssl.trustStore", "" + trusting(name));
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
        System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
        return RedisLink.open(RedisAddress.parse(List.of(address)), RedisReplicas.TIMEOUT, connect, StateListener.NONE);
    }

    private static String address(String host) {
        return "rediss://:s3cret@" + host + ":" + tls.port();
    }

    @Test
    void server_ofATrustedCertificate_isUsed() throws Exception {
        try (RedisLink link = trustingOnly("server", address("127.0.0.1"), LONG)) {
            assertThat(link.awaitAnswer(Duration.ofSeconds(10))).isTrue();
            RedisTaskStore store = new RedisTaskStore(
                    link, RedisReplicas.TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
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

    private static StoreFault refused(String trusted, String address, Duration connect) throws Exception {
        try (RedisLink link = trustingOnly(trusted, address, connect)) {
            RedisProcess.until("it is known why", () -> link.fault() != null);
            assertThat(link.isAnswering()).isFalse();
            return Objects.requireNonNull(link.fault());
        }
    }

    @Test
    void server_ofAnotherCertificate_isRefused() throws Exception {
        assertThat(refused("other", address("127.0.0.1"), LONG).kind()).isEqualTo(StoreFault.Kind.CERTIFICATE);
    }

    @Test
    void server_ofAnotherName_isRefused() throws Exception {
        assertThat(InetAddress.getByName("localhost").isLoopbackAddress()).isTrue();
        assertThat(refused("server", address("localhost"), LONG).kind()).isEqualTo(StoreFault.Kind.CERTIFICATE);
    }

    @Test
    void server_withoutTls_isNotTalkedToInTheClear() throws Exception {
        StoreFault fault = refused("server", "rediss://:s3cret@127.0.0.1:" + redis.port(), Duration.ofMillis(300));
        assertThat(fault.said()).isEqualTo("the TLS handshake was not over within 300 ms");
    }
}
