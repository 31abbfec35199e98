package dev.errand.state.redis.link;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Finds a redis-server that runs on this machine: in the demo's jar, on the class path or where the system property
 * {@value #JAR} says, otherwise on the {@code PATH}. The filters and the gateway contain none.
 */
public final class RedisBinary {
    /** The system property that names the jar with the programs. */
    public static final String JAR = "errand.demo.jar";

    private RedisBinary() {}

    /** @throws IOException if no program runs; the message says what to install */
    public static Path find(Path directory) throws IOException {
        List<String> tried = new ArrayList<>();
        String resource = resource(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
        if (resource != null) {
            try {
                Path extracted = extract(resource, directory.resolve("bin"));
                if (runs(extracted.toString())) {
                    return extracted;
                }
                tried.add("the bundled " + resource.substring(1));
            } catch (IOException unusable) {
                tried.add("the bundled " + resource.substring(1) + " (" + unusable.getMessage() + ")");
            }
        }
        for (String name : List.of("redis-server", "valkey-server")) {
            if (runs(name)) {
                return Path.of(name);
            }
            tried.add(name + " on the PATH");
        }
        throw new IOException("no redis-server runs here (tried " + String.join(", ", tried)
                + "): put errand-demo.jar, which brings one, beside errand.jar, or add dev.errand:errand-demo to the class"
                + " path; or install Redis 6.2 or later, or Valkey; or set state.redis to a redis:// address");
    }

    static @Nullable String resource(String os, String architecture) {
        String system = os.toLowerCase(Locale.ROOT);
        boolean arm = architecture.equals("aarch64") || architecture.equals("arm64");
        if (system.contains("linux")) {
            return arm
                    ? "/redis-server-6.2.7-linux-arm64"
                    : architecture.equals("amd64") || architecture.equals("x86_64")
                            ? "/redis-server-6.2.6-v5-linux-amd64"
                            : null;
        }
        return system.contains("mac")
                ? arm ? "/redis-server-6.2.6-v5-darwin-arm64" : "/redis-server-6.2.6-v5-darwin-amd64"
                : null;
    }

    private static Path extract(String resource, Path directory) throws IOException {
        try (InputStream in = open(resource)) {
            byte[] bytes = in.readAllBytes();
            Files.createDirectories(directory);
            Path target = directory.resolve(resource.substring(1));
            if (!Files.exists(target) || Files.size(target) != bytes.length) {
                Path fresh = Files.createTempFile(directory, "redis", ".new");
                Files.write(fresh, bytes);
                if (!fresh.toFile().setExecutable(true)) {
                    throw new IOException("cannot make " + fresh.getFileName() + " executable");
                }
                Files.move(fresh, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
            return target.toAbsolutePath();
        }
    }

    /** The program in a jar of the class path, otherwise in the jar that the property names. */
    private static InputStream open(String resource) throws IOException {
        InputStream here = RedisBinary.class.getResourceAsStream(resource);
        if (here != null) {
            return here;
        }
        String jar = System.getProperty(JAR);
        if (jar == null) {
            throw new IOException("not on the class path");
        }
        try (JarFile programs = new JarFile(jar)) {
            JarEntry entry = programs.getJarEntry(resource.substring(1));
            if (entry == null) {
                throw new IOException("not in " + jar);
            }
            return new ByteArrayInputStream(programs.getInputStream(entry).readAllBytes());
        }
    }

    private static boolean runs(String command) {
        try {
            Process process = new ProcessBuilder(command, "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(5, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
