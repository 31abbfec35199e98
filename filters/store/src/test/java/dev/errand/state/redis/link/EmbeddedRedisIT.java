package dev.errand.state.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.errand.FreePort;
import dev.errand.state.redis.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisIT {
    @TempDir
    Path directory;

    @Test
    void start_onALivingServerOfADeadOwner_adoptsAndOwnsIt() throws Exception {
        EmbeddedRedis first = EmbeddedRedis.start(directory, 0, true);
        RunningRedis told = RunningRedis.read(directory);
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        new RunningRedis(told.port(), told.password(), told.pid(), dead.pid()).write(directory);
        try (EmbeddedRedis second = EmbeddedRedis.start(directory, 0, true)) {
            assertThat(second.pid()).isEqualTo(first.pid());
            assertThat(second.port()).isEqualTo(first.port());
        }
        assertThat(ProcessHandle.of(first.pid()).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
        assertThat(RunningRedis.read(directory)).isNull();
    }

    @Test
    @Timeout(30)
    void close_ofAnAdoptedServerThatNobodyWaitsFor_ends() throws Exception {
        EmbeddedRedis.start(directory, 0, true).close();
        Path log = directory.resolve("other.log");
        int port = FreePort.next();
        // The shell becomes the program that a container may begin with: it inherits the server and never asks how it
        // ended.
        String server = "'" + RedisBinary.find(directory) + "' --bind 127.0.0.1 --port " + port
                + " --requirepass secret --save '' >'" + log + "' 2>&1 & echo $!; exec sleep 60";
        Process parent = new ProcessBuilder("sh", "-c", server).start();
        try {
            long pid = Long.parseLong(
                    parent.inputReader(StandardCharsets.US_ASCII).readLine().strip());
            Process dead = new ProcessBuilder("true").start();
            dead.waitFor();
            RunningRedis other = new RunningRedis(port, "secret", pid, dead.pid());
            RedisProcess.until("the server answers", other::answers);
            other.write(directory);
            EmbeddedRedis adopted = EmbeddedRedis.start(directory, 0, true);
            assertThat(adopted.pid()).isEqualTo(pid);
            adopted.close();
            assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive))
                    .as("nobody waited for it")
                    .hasValue(true);
            assertThat(other.process()).isNull();
            assertThat(RunningRedis.read(directory)).isNull();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    @Timeout(60)
    void killedServer_isStartedAgainOnItsFiles() throws Exception {
        List<String> lost = new CopyOnWriteArrayList<>();
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0, true)) {
            redis.restartIfItEnds(lost::add);
            int port = redis.port();
            for (int i = 1; i <= 2; i++) {
                long pid = redis.pid();
                assertThat(counted(redis)).isEqualTo(i);
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
                RedisProcess.until("another server runs", () -> redis.pid() != pid);
                assertThat(redis.port()).isEqualTo(port);
                assertThat(RunningRedis.read(directory).pid()).isEqualTo(redis.pid());
            }
            assertThat(counted(redis)).isEqualTo(3);
        }
        assertThat(lost).isEmpty();
        assertThat(RunningRedis.read(directory)).isNull();
    }

    @Test
    @Timeout(60)
    void serverThatCannotStartAgain_isToldOnce() throws Exception {
        List<String> lost = new CopyOnWriteArrayList<>();
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0, true)) {
            long pid = redis.pid();
            ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
            server.destroyForcibly();
            server.onExit().get();
            List<Integer> heard = new CopyOnWriteArrayList<>();
            try (ServerSocket taken = new ServerSocket(redis.port(), 50, InetAddress.getLoopbackAddress())) {
                Thread thief = new Thread(() -> hear(taken, heard));
                thief.start();
                assertThat(RunningRedis.read(directory).answers()).isFalse();
                assertThatThrownBy(() -> counted(redis)).isInstanceOf(RedisConnectionException.class);
                redis.restartIfItEnds(lost::add);
                RedisProcess.until("it is told", () -> !lost.isEmpty());
                taken.close();
                thief.join();
            }
            assertThat(heard).as("what the program heard that took the port").isEmpty();
            assertThat(lost)
                    .singleElement()
                    .asString()
                    .startsWith(
                            "the embedded Redis has ended and cannot be started again: redis-server did not start on ")
                    .contains("redis.log");
        }
    }

    /** Takes connections, and the first byte that each says. */
    private static void hear(ServerSocket taken, List<Integer> heard) {
        while (!taken.isClosed()) {
            try (Socket socket = taken.accept()) {
                socket.setSoTimeout(300);
                int first = socket.getInputStream().read();
                if (first >= 0) {
                    heard.add(first);
                }
            } catch (IOException silent) {
                // The next one, or the end.
            }
        }
    }

    private static long counted(EmbeddedRedis redis) {
        try (RedisClient client = RedisClient.create(redis.address().nodes().get(0));
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().incr("counted");
        }
    }

    @Test
    void start_onAHungServer_replacesIt() throws Exception {
        EmbeddedRedis first = EmbeddedRedis.start(directory, 0, true);
        assertThat(new ProcessBuilder("kill", "-STOP", "" + first.pid()).start().waitFor())
                .isZero();
        try (EmbeddedRedis second = EmbeddedRedis.start(directory, 0, true)) {
            assertThat(second.pid()).isNotEqualTo(first.pid());
            assertThat(ProcessHandle.of(first.pid()).map(ProcessHandle::isAlive).orElse(false))
                    .isFalse();
        }
    }

    @Test
    void start_onALivingOwners_sharesAndLeavesIt() throws Exception {
        try (EmbeddedRedis first = EmbeddedRedis.start(directory, 0, true)) {
            Process other = new ProcessBuilder("sleep", "30").start();
            RunningRedis told = RunningRedis.read(directory);
            new RunningRedis(told.port(), told.password(), told.pid(), other.pid()).write(directory);
            EmbeddedRedis.start(directory, 0, true).close();
            assertThat(told.answers()).isTrue();
            other.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void start_tellsThePasswordToItsOwnerOnly() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0, false)) {
            assertThat(Files.getPosixFilePermissions(directory.resolve("redis.running")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            RunningRedis told = RunningRedis.read(directory);
            assertThat(new RunningRedis(told.port(), "wrong", told.pid(), told.owner()).answers())
                    .isFalse();
            String arguments = ProcessHandle.of(redis.pid())
                    .orElseThrow()
                    .info()
                    .commandLine()
                    .orElse("");
            assertThat(arguments).doesNotContain(told.password());
        }
    }

    @Test
    void start_settings_areOurs() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0, true);
                RedisClient client = RedisClient.create(redis.address().nodes().get(0));
                var connection = client.connect()) {
            Map<String, String> settings = new HashMap<>();
            for (String name : List.of(
                    "appendonly",
                    "appendfsync",
                    "save",
                    "maxmemory-policy",
                    "auto-aof-rewrite-min-size",
                    "hz",
                    "bind")) {
                settings.putAll(connection.sync().configGet(name));
            }
            assertThat(settings)
                    .containsOnly(
                            entry("appendonly", "yes"),
                            entry("appendfsync", "everysec"),
                            entry("save", ""),
                            entry("maxmemory-policy", "noeviction"),
                            entry("auto-aof-rewrite-min-size", "" + (256 << 20)),
                            entry("hz", "50"),
                            entry("bind", "127.0.0.1"));
        }
    }

    @Test
    void resource_unknownMachine_isNone() {
        assertThat(RedisBinary.resource("Linux", "riscv64")).isNull();
        assertThat(RedisBinary.resource("Linux", "amd64")).endsWith("linux-amd64");
        assertThat(RedisBinary.resource("Mac OS X", "aarch64")).endsWith("darwin-arm64");
        assertThat(RedisBinary.resource("Plan 9", "amd64")).isNull();
    }

    @Test
    void parse_otherScheme_isRefusedWithoutThePassword() {
        assertThatThrownBy(() -> RedisAddress.parse(List.of("http://:secret@host")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }
}
