package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.io.File;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rediss://}: TLS before a real server, its certificate checked against the trust store that the JVM is told. */
class RedisTlsIT {
    private static final String PASSWORD = "changeit";

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
                serving(made("server", "ip:127.0.0.1"))
                        .getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        made("other", "ip:127.0.0.1");
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

    /** A self-signed certificate and its key, {@code <name>.p12}, and a trust store of it alone, {@code <name>-trust.p12}. */
    private static Path made(String name, String san) throws Exception {
        Path keys = directory.resolve(name + ".p12");
        Path certificate = directory.resolve(name + ".crt");
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + san,
                "-keystore",
                "" + keys);
        keytool("-exportcert", "-alias", name, "-file", "" + certificate, "-keystore", "" + keys);
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                name,
                "-file",
                "" + certificate,
                "-keystore",
                "" + trusting(name));
        return keys;
    }

    private static Path trusting(String name) {
        return directory.resolve(name + "-trust.p12");
    }

    private static void keytool(String... words) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "keytool"));
        command.addAll(List.of(words));
        command.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static SSLContext serving(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static RedisLink trustingOnly(String name, String address) {
        System.setProperty("javax.net.ssl.trustStore", "" + trusting(name));
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
        System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
        return RedisLink.open(RedisAddress.parse(List.of(address)), RedisReplicas.TIMEOUT, StateListener.NONE);
    }

    private static String address(String host) {
        return "rediss://:s3cret@" + host + ":" + tls.port();
    }

    @Test
    void server_ofATrustedCertificate_isUsed() throws Exception {
        try (RedisLink link = trustingOnly("server", address("127.0.0.1"))) {
            assertThat(link.awaitAnswer(Duration.ofSeconds(10))).isTrue();
            RedisTaskStore store = new RedisTaskStore(link, RedisReplicas.TIMEOUT, StateListener.NONE);
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

    @Test
    void server_ofAnotherCertificate_isRefused() throws Exception {
        try (RedisLink link = trustingOnly("other", address("127.0.0.1"))) {
            assertThat(link.awaitAnswer(Duration.ofSeconds(2))).isFalse();
        }
    }

    @Test
    void server_ofAnotherName_isRefused() throws Exception {
        assertThat(InetAddress.getByName("localhost").isLoopbackAddress()).isTrue();
        try (RedisLink link = trustingOnly("server", address("localhost"))) {
            assertThat(link.awaitAnswer(Duration.ofSeconds(2))).isFalse();
        }
    }

    @Test
    void server_withoutTls_isNotTalkedToInTheClear() throws Exception {
        try (RedisLink link = trustingOnly("server", "rediss://:s3cret@127.0.0.1:" + redis.port())) {
            assertThat(link.awaitAnswer(Duration.ofSeconds(2))).isFalse();
        }
    }
}
