package dev.errand.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.RedisServer;

/** {@code ./run} as a user calls it: Gatling puts load on a gateway of its own, and every call is answered. */
class RunIT {
    private static final int SECONDS = 2;

    @TempDir
    private Path directory;

    @Test
    void steady_isAnsweredAndReported() throws IOException, InterruptedException, URISyntaxException {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder("sh", "run", "steady", Integer.toString(SECONDS))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LOAD_USERS", "4");
        // The demo's jar, which holds the program of the store, may not be built yet.
        URL store = RedisServer.class.getProtectionDomain().getCodeSource().getLocation();
        Path link = Files.createSymbolicLink(directory.resolve("store.jar"), Path.of(store.toURI()));
        builder.environment().put("ERRAND_JAVA_OPTS", "-Derrand.demo.jar=" + link);
        // This test runs within a build, and must not begin another one.
        builder.environment().put("LOAD_NO_BUILD", "1");
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(3, TimeUnit.MINUTES);
            String printed = Files.readString(output);
            assertThat(ended).as(printed).isTrue();
            assertThat(process.exitValue()).as(printed).isZero();
            // All, the good ones, and the failed ones: none.
            assertThat(printed)
                    .containsPattern("request count +\\| +([1-9][0-9,]+) +\\| +\\1 +\\| +- *\n")
                    .containsPattern("gateway: [0-9]+ ms of CPU for [1-9][0-9]+ calls");
        } finally {
            process.destroy();
        }
    }
}
