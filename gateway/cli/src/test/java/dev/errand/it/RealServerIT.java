package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.FreePort;
import dev.errand.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The harness of real servers: a server that does not come up is one clear line within its time. */
@EnabledOnOs(OS.LINUX)
class RealServerIT {
    @TempDir
    private Path directory;

    private AbstractThrowableAssert<?, ?> starting(Duration longest, int port, String... command) {
        Instant begun = Instant.now();
        var thrown =
                assertThatThrownBy(() -> RealServer.start(longest, directory, "store", port, "/", Map.of(), command)
                        .close());
        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(20));
        return thrown.isInstanceOf(AssertionError.class)
                .satisfies(error -> assertThat(error.getMessage().lines()).hasSize(1));
    }

    @Test
    void start_programThatEndsAtOnce_isItsStatusAndItsLastWords() {
        starting(Duration.ofMinutes(2), FreePort.next(), "sh", "-c", "echo begun; echo no such drive >&2; exit 3")
                .hasMessageStartingWith("store does not start: status 3, 'no such drive' (");
    }

    @Test
    void start_programThatNeverListens_isEndedAfterItsTime() {
        starting(Duration.ofMillis(700), FreePort.next(), "sh", "-c", "echo waiting; sleep 61.37 & wait")
                .hasMessageStartingWith("store is not ready after 700 ms: 'waiting' (");
        // The kernel takes a moment to end a process.
        await().atMost(Patience.of(Duration.ofSeconds(5)))
                .untilAsserted(() -> assertThat(ProcessHandle.allProcesses()
                                .map(process -> process.info().commandLine().orElse(""))
                                .filter(line -> line.endsWith("sleep 61.37")))
                        .isEmpty());
    }

    @Test
    void start_portInUse_isSaidAndNobodyElseIsTakenForTheServer() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            starting(Duration.ofMillis(700), silent.getLocalPort(), "sleep", "61")
                    .hasMessage("store does not start: port " + silent.getLocalPort() + " is in use");
        }
    }

    @Test
    void start_missingProgram_isNamed() {
        starting(Duration.ofMinutes(2), FreePort.next(), "no-such-program")
                .hasMessageContaining("store does not start:")
                .hasMessageContaining("no-such-program");
    }
}
