package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.log.proof.WitnessKey;
import dev.errand.sink.EventReceiver;
import dev.errand.sink.KafkaProperties;
import dev.errand.sink.KafkaSink;
import dev.errand.sink.OtlpSink;
import dev.errand.sink.RedisStreamSink;
import dev.errand.sink.SecretFile;
import dev.errand.sink.Sink;
import dev.errand.sink.Witnesses;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes sinks and receivers from the configuration. None of them connects before it is used. */
record SinkFactory(ErrandProperties properties) {
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,39}";
    private static final String SERVERS = "[^\\s,:]+:[0-9]{1,5}(,\\s*[^\\s,:]+:[0-9]{1,5})*";
    private static final String TOPIC = "[A-Za-z0-9._-]{1,249}";

    /** The prefix of a receiver's name among the names of sinks. */
    private static final String EVENTS = "events-";

    /** Makes a sink. Throws a {@link ConfigurationException}, which does not name the key, if it cannot be made. */
    public Sink sink(SinkProperties sink) {
        name(sink);
        try {
            if (sink.redisStream() != null) {
                return redis(sink.redisStream());
            }
            return sink.kafka() != null ? kafka(sink.kafka()) : otlp(Objects.requireNonNull(sink.otlp()));
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of(String.valueOf(e.getMessage()));
        } catch (NoClassDefFoundError e) {
            throw ConfigurationException.of("the sink's library is not on the class path: add kafka-clients, or "
                    + "opentelemetry-exporter-otlp, as the sink needs");
        }
    }

    /** The sink's name; by default its kind. */
    public static String name(SinkProperties sink) {
        List<String> kinds = new ArrayList<>();
        if (sink.redisStream() != null) {
            kinds.add("redis-stream");
        }
        if (sink.kafka() != null) {
            kinds.add("kafka");
        }
        if (sink.otlp() != null) {
            kinds.add("otlp");
        }
        if (kinds.size() != 1) {
            throw ConfigurationException.of("needs exactly one of redis-stream, kafka, otlp");
        }
        String name = checked(sink.name() == null ? kinds.get(0) : sink.name());
        if (name.startsWith(EVENTS)) {
            throw ConfigurationException.of("the name '" + name + "' begins with '" + EVENTS
                    + "', as those of the receivers of events do: choose another");
        }
        return name;
    }

    /** The receiver's name; by default the host of its address. */
    public static String name(EventProperties.Receiver receiver) {
        if (receiver.name() != null) {
            return checked(receiver.name());
        }
        String host = String.valueOf(url("url", receiver.url()).getHost()).toLowerCase(Locale.ROOT);
        return checked(host.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", ""));
    }

    /** The receiver's name among those of sinks: with {@code events-} before it. */
    static String sinkName(EventProperties.Receiver receiver) {
        return EVENTS + name(receiver);
    }

    private static String checked(String name) {
        if (!name.matches(NAME)) {
            throw ConfigurationException.of("name must be 1 to 40 of a-z, 0-9 and '-', was '" + name + "'");
        }
        return name;
    }

    /**
     * Throws a {@link ConfigurationException} if two names are equal: each sink's position in the log is kept under its
     * name.
     */
    public static void distinct(List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw ConfigurationException.of("two are named '" + name + "': give one of them another 'name'");
            }
        }
    }

    public EventReceiver receiver(EventProperties.Receiver receiver) {
        return new EventReceiver(
                name(receiver),
                url("url", receiver.url()),
                receiver.audience(),
                secret("bearer", receiver.bearer()),
                properties.events().giveUpAfter());
    }

    /** A witness, as it is asked. */
    static Witnesses.Witness witness(WitnessProperties.Witness witness) {
        try {
            return new Witnesses.Witness(
                    checked(witness.name()), url("url", witness.url()), WitnessKey.parse(witness.key()));
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of("key: " + e.getMessage());
        }
    }

    private Sink redis(SinkProperties.RedisStream redis) {
        if (redis.maxLength() < 1) {
            throw ConfigurationException.of("max-length must be at least 1, was " + redis.maxLength());
        }
        if (redis.username() != null && redis.password() == null) {
            throw ConfigurationException.of("username needs a password: file:...");
        }
        return new RedisStreamSink(
                redis.uri(), redis.username(), secret("password", redis.password()), redis.key(), redis.maxLength());
    }

    private Sink kafka(SinkProperties.Kafka kafka) {
        if (!kafka.bootstrapServers().matches(SERVERS)) {
            throw ConfigurationException.of("bootstrap-servers must be host:port[,host:port...]");
        }
        if (!kafka.topic().matches(TOPIC)) {
            throw ConfigurationException.of("topic must be 1 to 249 letters, digits, '.', '_' and '-'");
        }
        Map<String, String> settings = Map.of();
        if (kafka.propertiesFile() != null) {
            Path file = file("properties-file", kafka.propertiesFile());
            try {
                settings = KafkaProperties.read(file);
            } catch (IOException e) {
                throw ConfigurationException.of(file + " cannot be read");
            }
        }
        return new KafkaSink(kafka.bootstrapServers(), kafka.topic(), settings);
    }

    private Sink otlp(SinkProperties.Otlp otlp) {
        return new OtlpSink(url("endpoint", otlp.endpoint()).toString(), secret("bearer", otlp.bearer()));
    }

    private static URI url(String key, String value) {
        return WebAddress.parse(key, value, "https://…");
    }

    private @Nullable SecretFile secret(String key, @Nullable String value) {
        return value == null ? null : new SecretFile(file(key, value));
    }

    private Path file(String key, String value) {
        if (!value.startsWith("file:")) {
            throw ConfigurationException.of(key + " must be 'file:' and a path: no secret stands in the configuration");
        }
        Path file = properties.file(value);
        if (!Files.isReadable(file)) {
            throw ConfigurationException.of(key + ": " + file + " does not exist or cannot be read");
        }
        return file;
    }
}
