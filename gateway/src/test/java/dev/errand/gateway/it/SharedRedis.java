package dev.errand.gateway.it;

import dev.errand.jose.KeyRing;
import dev.errand.state.redis.server.EmbeddedRedis;
import java.io.IOException;
import java.nio.file.Path;

/** A real redis-server for several replicas, and the keys that they share. */
final class SharedRedis implements AutoCloseable {
    private final EmbeddedRedis redis;
    private final Path keys;

    /** @param directory for the server's data and the keys */
    SharedRedis(Path directory) throws IOException {
        redis = EmbeddedRedis.start(directory.resolve("redis"), 0, false);
        keys = directory.resolve("keys.jwks");
        try {
            KeyRing.createIfAbsent(keys);
        } catch (dev.errand.jose.KeyFileException e) {
            throw new IOException(e);
        }
    }

    String url() {
        return redis.address().nodes().get(0).toURI().toString();
    }

    Path keys() {
        return keys;
    }

    long pid() {
        return redis.pid();
    }

    @Override
    public void close() {
        redis.close();
    }
}
