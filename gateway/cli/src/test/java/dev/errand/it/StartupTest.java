package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupTest {
    @TempDir
    private Path directory;

    private ServerProcess shell(String script) throws Exception {
        return new ServerProcess(directory.resolve("out"), Map.of(), "sh", "-c", script);
    }

    private void await(ServerProcess process) {
        Startup.await("the server", process, directory.resolve("out"), Duration.ofSeconds(1), () -> false);
    }

    @Test
    void serverThatEnds_isToldInTheLineThatSaysWhy() throws Exception {
        try (ServerProcess process = shell(
                "echo starting; echo 'E1127 15:00:41.7 1 run.go:72] \"command failed\" err=\"no key\"'; echo bye")) {
            assertThatThrownBy(() -> await(process))
                    .hasMessageMatching("the server ended after \\d+ s: E1127 .*no key\"");
        }
    }

    @Test
    void serverThatHangs_isToldAfterItsTime() throws Exception {
        try (ServerProcess process = shell("echo waiting; sleep 60")) {
            assertThatThrownBy(() -> await(process))
                    .hasMessageMatching("the server is not ready after 1 s \\(.*out\\): waiting");
        }
    }

    @Test
    void fault_isTheLastErrorOrTheLastLine_andBounded() {
        assertThat(Startup.fault("")).isEqualTo("it said nothing");
        assertThat(Startup.fault("one\n\n")).isEqualTo("one");
        assertThat(Startup.fault("{\"level\":\"fatal\",\"msg\":\"in use\"}\nlast"))
                .contains("in use");
        assertThat(Startup.fault("x".repeat(10_000))).hasSizeLessThan(500);
    }
}
