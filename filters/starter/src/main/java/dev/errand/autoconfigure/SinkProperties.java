package dev.errand.autoconfigure;

import dev.errand.sink.SinkTailer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A sink: a copy of the log elsewhere, of exactly one kind.
 *
 * @param name by default the kind; the sink's position in the log is kept under this name
 * @param from where in the log a sink with a new name begins
 */
record SinkProperties(
        @Nullable String name,
        @DefaultValue("start") SinkTailer.From from,
        @Nullable RedisStream redisStream,
        @Nullable Kafka kafka,
        @Nullable Otlp otlp) {

    /**
     * A Redis Stream.
     *
     * @param password a {@code file:}
     * @param maxLength how many entries the stream keeps, about
     */
    public record RedisStream(
            String uri,
            @Nullable String username,
            @Nullable String password,
            @DefaultValue("errand:provenance") String key,
            @DefaultValue("1000000") long maxLength) {}

    /**
     * A Kafka topic.
     *
     * @param propertiesFile a {@code file:} of further producer settings, such as those for TLS and SASL
     */
    public record Kafka(
            String bootstrapServers, String topic, @Nullable String propertiesFile) {}

    /**
     * An OpenTelemetry collector: OTLP over HTTP, with protobuf.
     *
     * @param endpoint the whole address, such as {@code https://collector:4318/v1/logs}
     * @param bearer a {@code file:} with a token
     */
    public record Otlp(String endpoint, @Nullable String bearer) {}
}
