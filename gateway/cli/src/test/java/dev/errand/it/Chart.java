package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The chart of {@code deploy/helm}, and helm. */
final class Chart {
    static final Path DIRECTORY = RunningGateway.repository().resolve("deploy/helm/errand");

    private Chart() {}

    /** The files of values that are rendered and held to golden files. */
    static Stream<Path> valueSets() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY.resolveSibling("tests/values"))) {
            return files.sorted().toList().stream();
        }
    }

    static Path program() {
        return RealServer.program("helm", "helm/helm");
    }

    /** What helm came to, which may be a failure. */
    static ServerProcess.Outcome tried(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program().toString()));
        command.addAll(List.of(arguments));
        return ServerProcess.end(new ProcessBuilder(command), "");
    }

    static String helm(String... arguments) throws IOException, InterruptedException {
        ServerProcess.Outcome outcome = tried(arguments);
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        return outcome.text();
    }

    static String render(String release, Path values) throws IOException, InterruptedException {
        return helm("template", release, DIRECTORY.toString(), "-n", "gateway", "-f", values.toString());
    }

    /** The value {@code config.files} of a directory of configuration. */
    static String valuesFrom(Path directory) throws IOException, InterruptedException {
        return ServerProcess.run(DIRECTORY.resolveSibling("values-from").toString(), directory.toString());
    }

    static Object yaml(Path file) throws IOException {
        return new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    }

    /** The objects of a manifest. */
    static List<Map<?, ?>> objects(String manifest) {
        List<Map<?, ?>> objects = new ArrayList<>();
        for (Object object : new Load(LoadSettings.builder().build()).loadAllFromString(manifest)) {
            if (object instanceof Map<?, ?> map) {
                objects.add(map);
            }
        }
        return objects;
    }
}
