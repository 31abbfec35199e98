package dev.errand.cli;

import dev.errand.config.ConfigurationException;
import dev.errand.state.redis.link.RedisBinary;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * {@code errand-demo.jar}, which {@code errand demo} and {@code redis: embedded} need. It is beside the gateway's jar, or where the
 * system property {@value RedisBinary#JAR} says. A gateway that uses a separate Redis runs without it.
 */
final class DemoJar {
    static final String NAME = "errand-demo.jar";

    private DemoJar() {}

    /** Tells the embedded store where its programs are. */
    static void announce() {
        if (System.getProperty(RedisBinary.JAR) == null) {
            Path beside = beside(System.getProperty("java.class.path", ""));
            if (beside != null) {
                System.setProperty(RedisBinary.JAR, beside.toString());
            }
        }
    }

    /** The demonstration; if its jar is missing, a {@link ConfigurationException} says what to add. */
    static Demonstration demonstration() throws IOException {
        ClassLoader ours = DemoJar.class.getClassLoader();
        Optional<Demonstration> here =
                ServiceLoader.load(Demonstration.class, ours).findFirst();
        if (here.isPresent()) {
            return here.get();
        }
        String told = System.getProperty(RedisBinary.JAR);
        Path jar = told == null ? beside(System.getProperty("java.class.path", "")) : Path.of(told);
        if (jar == null || !Files.isRegularFile(jar)) {
            throw ConfigurationException.of(
                    "the demonstration is not here: put " + NAME
                            + " beside errand.jar (./mvnw package makes both in gateway/target), or run ./errand demo, which builds it");
        }
        // The loader stays open until the process ends, which it does after the demonstration.
        @SuppressWarnings("resource")
        URLClassLoader added = new URLClassLoader(new URL[] {jar.toUri().toURL()}, ours);
        return ServiceLoader.load(Demonstration.class, added)
                .findFirst()
                .orElseThrow(
                        () -> ConfigurationException.of(jar + " holds no demonstration: it must be of this build"));
    }

    /** The jar beside the running jar; null if there is none, or if no jar runs. */
    static @Nullable Path beside(String classPath) {
        if (!classPath.endsWith(".jar") || classPath.contains(System.getProperty("path.separator"))) {
            return null;
        }
        Path beside = Path.of(classPath).toAbsolutePath().resolveSibling(NAME);
        return Files.isRegularFile(beside) ? beside : null;
    }
}
