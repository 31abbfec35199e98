package dev.errand.it;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.redis.link.EmbeddedRedis;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Kafka broker, a real Redis and an OTLP receiver that are away when the gateway starts, and one that takes
 * connections and never answers: calls pass all the while, and each sink ends up with the file's lines.
 */
class SinksIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String TOPIC = "errand.provenance";
    private static final String STREAM = "errand:provenance";

    @TempDir
    private static Path directory;

    private static RecordingUpstream upstream;
    private static KafkaBroker broker;
    private static int redisPort;
    private static int collectorPort;
    private static Path password;
    private static ServerSocket hung;
    private static RunningGateway gateway;
    private static TestAgent agent;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RecordingUpstream();
        broker = new KafkaBroker(directory.resolve("kafka"), FreePort.next(), FreePort.next());
        redisPort = FreePort.next();
        collectorPort = FreePort.next();
        password = Files.writeString(directory.resolve("password"), "not known yet");
        hung = new ServerSocket(0);
        String sinks = "errand.provenance.sinks";
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property(sinks + "[0].kafka.bootstrap-servers", broker.address())
                .property(sinks + "[0].kafka.topic", TOPIC)
                .property(sinks + "[1].redis-stream.uri", "redis://127.0.0.1:" + redisPort)
                .property(sinks + "[1].redis-stream.password", "file:" + password)
                .property(sinks + "[2].otlp.endpoint", "http://127.0.0.1:" + collectorPort + "/v1/logs")
                .property(sinks + "[3].name", "hung")
                .property(sinks + "[3].otlp.endpoint", "http://127.0.0.1:" + hung.getLocalPort() + "/v1/logs")
                .start();
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        calls(60);
        await(() -> health("kafka").contains("\"delivers\":false"));
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.close();
        broker.close();
        hung.close();
    }

    private static void calls(int count) {
        for (int i = 0; i < count; i++) {
            String path = i % 5 == 4 ? TestAgent.READ.replace("payments", "billing") : TestAgent.READ;
            assertThat(agent.get(gateway, path).statusCode()).isEqualTo(i % 5 == 4 ? 403 : 200);
        }
    }

    private static String health(String sink) throws Exception {
        HttpResponse<String> answer = TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health"))
                        .header("Authorization", "Bearer " + gateway.operatorToken())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonObject details = TestAgent.json(answer.body())
                .object("components")
                .object("provenanceSinks")
                .object("details");
        return dev.errand.json.Jcs.canonical(details.object(sink));
    }

    private static void awaitCaughtUp(String sink) throws Exception {
        await(() -> {
            String health = health(sink);
            return health.contains("\"lag\":0,") && health.contains("\"delivers\":true");
        });
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** The events by their id, each held to the envelope and to be the line of its place. */
    private static Map<String, String> events(List<byte[]> events) {
        List<String> lines = gateway.records();
        Map<String, String> byId = new LinkedHashMap<>();
        for (byte[] bytes : events) {
            CloudEvent event = new JsonFormat().deserialize(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            String data = text.substring(text.indexOf(",\"data\":") + 8, text.length() - 1);
            int index = Integer.parseInt(String.valueOf(event.getExtension("sequence")));
            assertThat(data).isEqualTo(lines.get(index));
            JsonObject record = TestAgent.json(data);
            assertThat(event.getType()).isEqualTo("dev.errand.provenance." + record.string("kind"));
            assertThat(event.getSource().toString()).startsWith(RunningGateway.ISSUER + "/provenance/g-");
            assertThat(event.getSubject()).isEqualTo(record.string("task"));
            assertThat(String.valueOf(event.getTime()))
                    .startsWith(String.valueOf(record.string("time")).substring(0, 16));
            String decision = record.string("decision");
            if (decision == null) {
                assertThat(event.getId()).matches("[0-9]{16}");
            } else {
                assertThat(event.getId()).isEqualTo(decision + "." + record.string("kind"));
            }
            String before = byId.put(event.getId(), data);
            assertThat(before == null || before.equals(data)).isTrue();
        }
        return byId;
    }

    private static void assertHoldsEveryLine(List<byte[]> events) {
        List<String> lines = gateway.records();
        assertThat(events.size()).isGreaterThanOrEqualTo(lines.size());
        assertThat(events(events).values()).containsExactlyInAnyOrderElementsOf(lines);
    }

    @Test
    void kafka_downAtStartAndKilledUnderLoad_hasEveryLineAtLeastOnce() throws Exception {
        broker.start();
        awaitCaughtUp("kafka");
        assertHoldsEveryLine(values(broker.messages(TOPIC)));

        Thread load = new Thread(() -> calls(400));
        load.start();
        long before = upstream.seen().size();
        await(() -> upstream.seen().size() > before + 80);
        broker.kill();
        Set<String> threads = threadsOfSinksWhile(load);
        assertThat(threads).isNotEmpty().allMatch(name -> name.startsWith("errand-sink-"));
        await(() -> health("kafka").contains("\"delivers\":false"));

        broker.start();
        awaitCaughtUp("kafka");
        List<ConsumerRecord<byte[], byte[]>> messages = broker.messages(TOPIC);
        assertHoldsEveryLine(values(messages));
        Map<String, Integer> partitions = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> message : messages) {
            if (message.key() == null) {
                // A start is of no call.
                assertThat(new String(message.value(), StandardCharsets.UTF_8)).contains("\"kind\":\"start\"");
                continue;
            }
            String key = new String(message.key(), StandardCharsets.UTF_8);
            assertThat(new String(message.value(), StandardCharsets.UTF_8)).contains("\"decision\":\"" + key + "\"");
            assertThat(new String(message.headers().lastHeader("content-type").value(), StandardCharsets.UTF_8))
                    .isEqualTo("application/cloudevents+json; charset=UTF-8");
            Integer partition = partitions.put(key, message.partition());
            assertThat(partition == null || partition == message.partition()).isTrue();
        }
    }

    private static List<byte[]> values(List<ConsumerRecord<byte[], byte[]>> messages) {
        return messages.stream().map(ConsumerRecord::value).toList();
    }

    /** The names of all threads that were seen within a sink's delivery while the load ran. */
    private static Set<String> threadsOfSinksWhile(Thread load) throws InterruptedException {
        Set<String> names = ConcurrentHashMap.newKeySet();
        while (load.isAlive()) {
            Thread.getAllStackTraces().forEach((thread, frames) -> {
                if (Arrays.stream(frames)
                        .anyMatch(frame -> frame.getClassName().startsWith("dev.errand.sink.")
                                && frame.getMethodName().equals("deliver"))) {
                    names.add(thread.getName());
                }
            });
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return names;
    }

    @Test
    void redisStream_downAtStart_hasEveryLineAtLeastOnceOnceItIsUp() throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"), redisPort, false)) {
            RedisURI uri = redis.address().nodes().get(0);
            Files.writeString(
                    password,
                    new String(uri.getCredentialsProvider()
                            .resolveCredentials()
                            .block()
                            .getPassword()));
            awaitCaughtUp("redis-stream");
            RedisClient client = RedisClient.create(uri);
            try (var connection = client.connect()) {
                List<byte[]> events = new ArrayList<>();
                connection.sync().xrange(STREAM, Range.unbounded()).forEach(message -> {
                    String event = message.getBody().get("event");
                    String key = message.getBody().get("key");
                    assertThat(event).contains(key == null ? "\"kind\":\"start\"" : "\"decision\":\"" + key + "\"");
                    events.add(event.getBytes(StandardCharsets.UTF_8));
                });
                assertHoldsEveryLine(events);
            } finally {
                client.shutdown();
            }
        }
    }

    @Test
    void otlp_downAtStart_hasEveryLineOnceItIsUp() throws Exception {
        WireMockServer collector =
                new WireMockServer(options().bindAddress("127.0.0.1").port(collectorPort));
        collector.stubFor(any(anyUrl()).willReturn(ok().withHeader("Content-Type", "application/x-protobuf")));
        collector.start();
        try {
            awaitCaughtUp("otlp");
            Map<String, String> bodies = new HashMap<>();
            for (LoggedRequest request :
                    collector.findAll(com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor(anyUrl()))) {
                assertThat(request.getUrl()).isEqualTo("/v1/logs");
                assertThat(request.getHeader("Content-Type")).isEqualTo("application/x-protobuf");
                ExportLogsServiceRequest export = ExportLogsServiceRequest.parseFrom(request.getBody());
                export.getResourceLogsList()
                        .forEach(resource -> resource.getScopeLogsList()
                                .forEach(scope -> scope.getLogRecordsList().forEach(log -> {
                                    String body = log.getBody().getStringValue();
                                    bodies.put(attribute(log, "log.record.uid"), body);
                                    assertThat(scope.getSchemaUrl())
                                            .isEqualTo("https://opentelemetry.io/schemas/1.44.0");
                                    String code = TestAgent.json(body).string("code");
                                    assertThat(attribute(log, "error.type")).isEqualTo(code == null ? "" : code);
                                    String traceparent = TestAgent.json(body).string("traceparent");
                                    if (traceparent != null) {
                                        assertThat(traceparent)
                                                .contains(java.util.HexFormat.of()
                                                        .formatHex(
                                                                log.getTraceId().toByteArray()));
                                    }
                                })));
            }
            assertThat(bodies.values()).containsExactlyInAnyOrderElementsOf(gateway.records());
            assertThat(new HashSet<>(bodies.keySet())).allMatch(uid -> uid.startsWith(RunningGateway.ISSUER));
        } finally {
            collector.stop();
        }
    }

    private static String attribute(LogRecord log, String name) {
        return log.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(name))
                .map(KeyValue::getValue)
                .findFirst()
                .map(AnyValue::getStringValue)
                .orElse("");
    }

    @Test
    void hungSink_lagsVisibly_andHoldsUpNothing() throws Exception {
        calls(20);
        assertThat(health("hung")).doesNotContain("\"lag\":0,");
        HttpResponse<String> ready = TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/readiness"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(ready.statusCode()).isEqualTo(200);
    }
}
