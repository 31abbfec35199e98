package dev.errand.sink;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends one Kafka message for each record: CloudEvents Kafka binding, structured mode. The key is the decision id, so
 * that one partition holds all records of a call in their order. All in-sync replicas must acknowledge. A producer that
 * failed is replaced by a new one.
 */
public final class KafkaSink implements Sink {
    private static final int REQUEST_MILLIS = 5_000;
    private static final int DELIVERY_MILLIS = 10_000;
    private static final int MAX_REQUEST_BYTES = 32 << 20;

    private final String topic;
    private final Map<String, Object> settings;
    private final Header contentType =
            new RecordHeader("content-type", SinkRecord.CLOUD_EVENT.getBytes(StandardCharsets.US_ASCII));
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    /**
     * @param properties further producer settings, such as those for security. They cannot replace the settings that
     *     delivery depends on.
     */
    public KafkaSink(String bootstrapServers, String topic, Map<String, String> properties) {
        this.topic = topic;
        Map<String, Object> all = new HashMap<>();
        all.put(ProducerConfig.CLIENT_ID_CONFIG, "errand-provenance");
        all.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        all.putAll(properties);
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, REQUEST_MILLIS);
        all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
        all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS);
        this.settings = Map.copyOf(all);
    }

    @Override
    public void deliver(List<SinkRecord> records) throws SinkUnavailableException, InterruptedException {
        try {
            send(records);
        } catch (InterruptException e) {
            giveUp();
            throw new InterruptedException();
        } catch (KafkaException | TimeoutException e) {
            giveUp();
            throw SinkUnavailableException.of(e);
        } catch (ExecutionException e) {
            giveUp();
            throw SinkUnavailableException.of(e);
        }
    }

    private void send(List<SinkRecord> records) throws ExecutionException, InterruptedException, TimeoutException {
        KafkaProducer<byte[], byte[]> open = producer;
        if (open == null) {
            open = new KafkaProducer<>(settings);
            producer = open;
        }
        List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
        for (SinkRecord record : records) {
            String key = record.decision();
            Future<RecordMetadata> one = open.send(new ProducerRecord<>(
                    topic,
                    null,
                    key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                    record.cloudEvent(),
                    List.of(contentType)));
            if (one.isDone()) {
                one.get();
            }
            sent.add(one);
        }
        for (Future<RecordMetadata> one : sent) {
            one.get(2L * DELIVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void giveUp() {
        KafkaProducer<byte[], byte[]> failed = producer;
        producer = null;
        if (failed != null) {
            failed.close(Duration.ZERO);
        }
    }

    @Override
    public void close() {
        giveUp();
    }
}
