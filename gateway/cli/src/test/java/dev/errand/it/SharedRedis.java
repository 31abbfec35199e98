package dev.errand.it;

import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import java.io.IOException;
import java.nio.file.Path;

/** A real redis-server, or the server that {@code -Derrand.test.redis=…} names, for several replicas, and the keys that they share. */
final class SharedRedis implements AutoCloseable {
    private static final String PASSWORD = "of-the-tests";

    private final RedisProcess redis;
    private final Path keys;

    /** @param directory for the server's data and the keys */
    SharedRedis(Path directory) throws IOException {
        keys = directory.resolve("keys.jwks");
        try {
            redis = new RedisProcess(directory.resolve("redis"), "appendonly no", "hz 50", "requirepass " + PASSWORD)
                    .password(PASSWORD);
            KeyRing.createIfAbsent(keys);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    String url() {
        return redis.url();
    }

    Path keys() {
        return keys;
    }

    long pid() {
        return redis.pid();
    }

    /** Its answer to one command. */
    String command(String... words) throws IOException {
        return redis.command(words);
    }

    /** Sends the server a signal, by its name without {@code SIG}. */
    void signal(String name) throws IOException, InterruptedException {
        ServerProcess.run("kill", "-" + name, Long.toString(pid()));
    }

    @Override
    public void close() {
        try {
            redis.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
