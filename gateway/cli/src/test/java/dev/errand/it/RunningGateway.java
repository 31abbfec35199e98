package dev.errand.it;

import dev.errand.Checkout;
import dev.errand.server.GatewayApplication;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * The whole gateway, in this process, on free ports, in a temporary copy of {@code config/} with keys made on the fly.
 * Its issuer is a name that nothing resolves, so that whatever is taken from the Host header shows.
 *
 * <p>All gateways of this process share event loops, which stay until the process ends.
 */
final class RunningGateway implements AutoCloseable {
    static final String ISSUER = "https://gateway.example.org";

    private final Path directory;
    private final ConfigurableApplicationContext context;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RunningGateway(Path directory, ConfigurableApplicationContext context) {
        this.directory = directory;
        this.context = context;
    }

    /** What a gateway is started with; each method gives back the same builder. */
    static final class Builder {
        private final Map<String, String> properties = new LinkedHashMap<>();
        private final Map<String, String> files = new LinkedHashMap<>();
        private Path configuration = repository().resolve("config");
        private @Nullable Path keysFile;

        private Builder() {
            property("server.port", "0");
            property("server.address", "127.0.0.1");
            property("management.server.port", "0");
            property("errand.issuer", ISSUER);
            // A busy machine must not look like an unreachable store.
            property("errand.state.timeout", "2s");
            // Most tests are not about the end.
            property("errand.drain", "0s");
            // In a process of its own a gateway ends its loops too: without this each close waits for two seconds.
            property("spring.reactor.netty.shutdown-quiet-period", "0s");
            // Nobody listens there. At the addresses of the shipped configuration another test's server may.
            for (String route : List.of("vault", "ci", "k8s")) {
                property(route + ".uri", "http://127.0.0.1:1");
            }
            file("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE);
        }

        /** Any Spring property; the last value of a name counts. */
        Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }

        /** A file of the configuration, replaced or added. */
        Builder file(String path, String content) {
            files.put(path, content);
            return this;
        }

        /** On a copy of that configuration, and none of the shipped one. */
        Builder on(Path directory) {
            configuration = directory;
            files.clear();
            return this;
        }

        /** One more route of {@code application.yaml}, in YAML's flow style. */
        Builder route(String route) {
            try {
                String shipped = files.containsKey("application.yaml")
                        ? files.get("application.yaml")
                        : Files.readString(repository().resolve("config/application.yaml"));
                return file(
                        "application.yaml", shipped.replaceFirst("\n\nerrand:", "\n    - " + route + "\n\nerrand:"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Builder trusting(TestHuman human, TestWorkloads workloads) {
            return file("idp.jwks", human.jwks()).file("example.org.json", workloads.bundle());
        }

        /** All three routes of the shipped configuration lead there. */
        Builder upstream(RecordingUpstream upstream) {
            for (String route : List.of("vault", "ci", "k8s")) {
                property(route + ".uri", upstream.uri());
            }
            return this;
        }

        /** A replica of another gateway: shared Redis and the same keys. */
        Builder sharing(SharedRedis redis, Path keys) {
            return sharing(redis.url(), keys);
        }

        /** As above, with the store's address as {@code errand.state.redis} has it. */
        Builder sharing(String store, Path keys) {
            return property("errand.state.redis", store).keys(keys);
        }

        /** A copy of this key file, with the store of its own. */
        Builder keys(Path keys) {
            keysFile = keys;
            return property("errand.keys", "file:keys.jwks");
        }

        RunningGateway start() {
            Path directory = prepare();
            return new RunningGateway(directory, run(directory));
        }

        /** A gateway on that directory. */
        ConfigurableApplicationContext run(Path directory) {
            ConfigurableApplicationContext context = GatewayApplication.start(directory, arguments());
            // The loops serve the next gateway too. A close that ends them can wait for ever: for a connection whose
            // loop is gone.
            context.getBean(ReactorResourceFactory.class).setUseGlobalResources(false);
            return context;
        }

        /** The configuration, written to a directory of its own. */
        Path prepare() {
            try {
                Path directory = Files.createTempDirectory("errand-it");
                copy(configuration, directory);
                for (var file : files.entrySet()) {
                    Path target = directory.resolve(file.getKey());
                    Files.createDirectories(target.getParent());
                    Files.writeString(target, file.getValue());
                }
                if (keysFile != null) {
                    Files.copy(keysFile, directory.resolve("keys.jwks"));
                }
                return directory;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The properties, as they follow {@code errand run}. */
        List<String> arguments() {
            List<String> arguments = new ArrayList<>();
            properties.forEach((name, value) -> arguments.add("--" + name + "=" + value));
            return arguments;
        }
    }

    static Builder with() {
        return new Builder();
    }

    /** The root of this repository. */
    static Path repository() {
        return Checkout.TOP;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path relative = from.relativize(path);
                if (relative.startsWith("data")) {
                    continue;
                }
                Path target = to.resolve(relative.toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }

    int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    int managementPort() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.management.port"));
    }

    URI address() {
        boolean tls = context.getEnvironment().containsProperty("server.ssl.key-store");
        return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + port());
    }

    /** The operator's credential. */
    String operatorToken() {
        try {
            return Files.readString(directory.resolve("data/operator-token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The copy of {@code config/} that it runs on. */
    Path directory() {
        return directory;
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    /** The sum of the counters of that name and those tags. */
    double value(String name, String... tags) {
        return context.getBean(MeterRegistry.class).find(name).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** Every line of the provenance log so far. */
    List<String> records() {
        List<Path> files = new ArrayList<>();
        // Not its tiles: a walk fails on a file that is renamed meanwhile.
        try (DirectoryStream<Path> segments =
                Files.newDirectoryStream(directory.resolve("data/provenance"), "*.jsonl")) {
            segments.forEach(files::add);
            List<String> lines = new ArrayList<>();
            for (Path file : files.stream().sorted().toList()) {
                lines.addAll(Files.readAllLines(file));
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        context.close();
        delete(directory);
    }

    /** A directory with all that is in it. */
    static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
