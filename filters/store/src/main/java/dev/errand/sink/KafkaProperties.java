package dev.errand.sink;

import dev.errand.json.DidYouMean;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Reads further producer settings from a file, such as those of TLS and SASL with their secrets. */
public final class KafkaProperties {
    /** The settings that the sink sets itself, since its delivery guarantees depend on them. */
    private static final Set<String> OURS = Set.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);

    private KafkaProperties() {}

    /**
     * Reads a file of {@code key=value} lines.
     *
     * @throws IllegalArgumentException if a key is no producer setting or is one that the sink sets; the message
     *     contains no value
     */
    public static Map<String, String> read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> settings = new HashMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (OURS.contains(key)) {
                throw new IllegalArgumentException(file + ": '" + key + "' is set by the gateway: leave it out");
            }
            if (!ProducerConfig.configNames().contains(key)) {
                throw new IllegalArgumentException(file + ": '" + key + "' is no setting of a Kafka producer"
                        + DidYouMean.hint(key, ProducerConfig.configNames()));
            }
            settings.put(key, properties.getProperty(key));
        }
        compression(file, settings.getOrDefault(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none"));
        return settings;
    }

    private static void compression(Path file, String type) {
        String needs = type.equals("zstd")
                ? "com.github.luben.zstd.Zstd"
                : type.equals("snappy") ? "org.xerial.snappy.Snappy" : null;
        if (needs == null) {
            return;
        }
        try {
            Class.forName(needs, false, KafkaProperties.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(
                    file + ": the library for compression.type=" + type + " is not there: use lz4 or gzip", e);
        }
    }
}
