package dev.errand.sink;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Adds one entry to a Redis Stream for each record. It has the fields {@code key} (the decision id, if there is one)
 * and {@code event} (CloudEvents, structured JSON). The stream is trimmed to about a given length. A connection that
 * failed is replaced by a new one.
 */
public final class RedisStreamSink implements Sink {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);

    private final RedisURI address;
    private final @Nullable String username;
    private final @Nullable SecretFile password;
    private final byte[] stream;
    private final XAddArgs trimming;
    private @Nullable Connected connected;

    private record Connected(
            ClientResources resources, RedisClient client, StatefulRedisConnection<byte[], byte[]> connection) {
        void close() {
            connection.closeAsync();
            client.shutdownAsync(0, 100, TimeUnit.MILLISECONDS)
                    .thenRun(() -> resources.shutdown(0, 100, TimeUnit.MILLISECONDS));
        }
    }

    /**
     * @param address {@code redis://} or {@code rediss://}, without credentials
     * @param username of the server's ACL, or null
     * @param password the password, read at each connection, or null
     * @param maxLength about how many entries the stream keeps
     */
    public RedisStreamSink(
            String address, @Nullable String username, @Nullable SecretFile password, String stream, long maxLength) {
        this.address = parse(address);
        this.username = username;
        this.password = password;
        this.stream = stream.getBytes(StandardCharsets.UTF_8);
        this.trimming = XAddArgs.Builder.maxlen(maxLength).approximateTrimming();
    }

    @Override
    public void deliver(List<SinkRecord> records) throws SinkUnavailableException, InterruptedException {
        try {
            add(records);
        } catch (RedisException | TimeoutException | ExecutionException | IOException e) {
            close();
            throw SinkUnavailableException.of(e);
        } catch (InterruptedException e) {
            close();
            throw e;
        }
    }

    private void add(List<SinkRecord> records)
            throws ExecutionException, InterruptedException, IOException, TimeoutException {
        Connected open = connected;
        if (open == null) {
            open = connect();
            connected = open;
        }
        List<RedisFuture<String>> added = new ArrayList<>(records.size());
        for (SinkRecord record : records) {
            Map<byte[], byte[]> fields = new LinkedHashMap<>();
            String key = record.decision();
            if (key != null) {
                fields.put(KEY, key.getBytes(StandardCharsets.UTF_8));
            }
            fields.put(EVENT, record.cloudEvent());
            added.add(open.connection().async().xadd(stream, trimming, fields));
        }
        open.connection().flushCommands();
        for (RedisFuture<String> one : added) {
            one.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static RedisURI parse(String address) {
        boolean redis = address.startsWith("redis://") || address.startsWith("rediss://");
        if (!redis || address.contains("@")) {
            throw new IllegalArgumentException(
                    "uri must be redis[s]://host:port; a password stands in a file, 'password: file:...'");
        }
        try {
            return RedisURI.create(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("uri is not redis[s]://host:port[/database]", e);
        }
    }

    private Connected connect() throws IOException {
        RedisURI.Builder builder = RedisURI.builder(address).withTimeout(TIMEOUT);
        if (password != null) {
            char[] secret = password.read().toCharArray();
            if (username == null) {
                builder.withPassword(secret);
            } else {
                builder.withAuthentication(username, secret);
            }
        }
        RedisURI uri = builder.build();
        ClientResources resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .build();
        RedisClient client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .requestQueueSize(1024)
                .build());
        try {
            StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE, uri);
            connection.setAutoFlushCommands(false);
            return new Connected(resources, client, connection);
        } catch (RuntimeException e) {
            client.shutdownAsync(0, 100, TimeUnit.MILLISECONDS)
                    .thenRun(() -> resources.shutdown(0, 100, TimeUnit.MILLISECONDS));
            throw e;
        }
    }

    @Override
    public void close() {
        Connected old = connected;
        connected = null;
        if (old != null) {
            old.close();
        }
    }
}
