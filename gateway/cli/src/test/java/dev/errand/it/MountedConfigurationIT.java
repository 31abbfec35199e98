package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A configuration that lies in a volume as a kubelet makes it: each name is a link by way of {@code ..data}, which is moved from
 * one folder of files to the next in one step. A change is the running revision within 90 s, most of which is the kubelet's.
 */
class MountedConfigurationIT {
    private static final Duration WITHIN = Duration.ofSeconds(15);

    private Path volume;
    private int folders;

    /** What the operator's port says of the configuration. */
    private JsonObject configuration(ConfigurableApplicationContext context) throws IOException, InterruptedException {
        String port = context.getEnvironment().getRequiredProperty("local.management.port");
        String token = Files.readString(volume.resolve("data/operator-token")).strip();
        return TestAgent.json(TestAgent.HTTP
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/configuration"))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
    }

    /** Writes all files into a new folder, and moves {@code ..data} there, as a kubelet does. */
    private void change(String file, String text) throws IOException {
        Path before = volume.resolve("..data").toRealPath();
        Path next = Files.createDirectory(volume.resolve("..2026_11_28_" + ++folders));
        copy(before, next);
        Files.writeString(next.resolve(file), text);
        point(next);
        RunningGateway.delete(before);
    }

    private void point(Path folder) throws IOException {
        Path link = volume.resolve("..data_tmp");
        Files.createSymbolicLink(link, folder.getFileName());
        Files.move(link, volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.filter(path -> !path.equals(from)).toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    /** Makes a volume of a plain directory. */
    private void mount(Path directory) throws IOException {
        volume = directory;
        Path first = directory.resolve("..2026_11_28_0");
        List<Path> names;
        try (Stream<Path> list = Files.list(directory)) {
            names = list.toList();
        }
        Files.createDirectory(first);
        for (Path name : names) {
            Files.move(name, first.resolve(name.getFileName()));
            Files.createSymbolicLink(name, Path.of("..data").resolve(name.getFileName()));
        }
        point(first);
    }

    private JsonObject awaited(ConfigurableApplicationContext context, String fileRevisionBefore) throws Exception {
        long began = System.nanoTime();
        while (true) {
            JsonObject told = configuration(context);
            if (!String.valueOf(told.string("file_revision")).equals(fileRevisionBefore)) {
                return told;
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Patience.of(WITHIN));
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static List<?> faults(JsonObject told) {
        return ((JsonArray) Objects.requireNonNull(told.get("faults"))).values();
    }

    @Test
    void change_isTheRunningRevision_andABadOneIsToldWithTheLastGoodOneKept() throws Exception {
        RunningGateway.Builder builder =
                RunningGateway.with().trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg());
        mount(builder.prepare());
        String application = Files.readString(volume.resolve("application.yaml"));
        try (ConfigurableApplicationContext context = builder.run(volume)) {
            JsonObject first = configuration(context);
            assertThat(first.string("revision")).isEqualTo(first.string("file_revision"));

            change("application.yaml", application.replace("Path=/ci/**", "Path=/pipelines/**"));
            JsonObject second = awaited(context, String.valueOf(first.string("file_revision")));
            assertThat(second.string("revision"))
                    .isEqualTo(second.string("file_revision"))
                    .isNotEqualTo(first.string("revision"));
            assertThat(faults(second)).isEmpty();

            change("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE.replace("lifetime: 30m", "lifetime: soon"));
            JsonObject third = awaited(context, String.valueOf(second.string("file_revision")));
            assertThat(third.string("revision")).isEqualTo(second.string("revision"));
            assertThat(faults(third).toString()).contains("tasks/explore.yaml:");

            change("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE.replace("lifetime: 30m", "lifetime: 20m"));
            JsonObject fourth = awaited(context, String.valueOf(third.string("file_revision")));
            assertThat(fourth.string("revision")).isEqualTo(fourth.string("file_revision"));
            assertThat(faults(fourth)).isEmpty();
        } finally {
            RunningGateway.delete(volume);
        }
    }
}
