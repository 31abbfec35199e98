package dev.errand.state.redis.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Finds a redis-server that runs on this machine: the one that came with us, else the one on the path. */
public final class RedisBinary {
    private RedisBinary() {}

    /** @throws IOException with what to install, if there is none that runs */
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
                + "): install Redis 6.2 or later, or Valkey, or set state.redis to a redis:// address");
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
        try (InputStream in = redis.embedded.RedisServer.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("not on the class path");
            }
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
