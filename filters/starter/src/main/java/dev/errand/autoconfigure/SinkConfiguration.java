package dev.errand.autoconfigure;

import dev.errand.jose.SigningKeys;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.sink.EventSink;
import dev.errand.sink.Sink;
import dev.errand.sink.SinkTailer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Sends the log to its sinks, and the events of ended tasks and of requests for approval to their receivers. A sink that
 * lags is reported, and no call is refused for it.
 */
@Configuration(proxyBeanMethods = false)
class SinkConfiguration {
    /** All readers that follow the log. */
    record Sinks(List<SinkTailer> tailers) implements AutoCloseable {
        @Override
        public void close() {
            List<Thread> closing = tailers.stream()
                    .map(tailer -> new Thread(tailer::close, "errand-sink-close"))
                    .toList();
            closing.forEach(Thread::start);
            for (Thread thread : closing) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    @Bean(destroyMethod = "close")
    Sinks errandSinks(ErrandProperties properties, FileProvenanceLog log, SigningKeys keys, MeterRegistry registry) {
        SinkFactory factory = new SinkFactory(properties);
        String source = properties.issuer() + "/provenance/";
        Path directory = properties.file(properties.provenance().directory());
        List<SinkTailer> tailers = new ArrayList<>();
        for (SinkProperties sink : properties.provenance().sinks()) {
            String name = SinkFactory.name(sink);
            tailers.add(new SinkTailer(name, sink.from(), source, log, directory, factory.sink(sink)));
        }
        for (EventProperties.Receiver receiver : properties.events().receivers()) {
            String name = SinkFactory.sinkName(receiver);
            Sink events = new EventSink(properties.issuer(), factory.receiver(receiver), keys, log);
            tailers.add(new SinkTailer(name, SinkTailer.From.NOW, source, log, directory, events));
        }
        SinkFactory.distinct(tailers.stream().map(SinkTailer::name).toList());
        log.onAppend(() -> tailers.forEach(SinkTailer::wake));
        tailers.forEach(tailer -> {
            meters(registry, tailer);
            tailer.start();
        });
        return new Sinks(List.copyOf(tailers));
    }

    private static void meters(MeterRegistry registry, SinkTailer tailer) {
        Gauge.builder("errand.sink.lag", tailer, t -> t.status().lag())
                .description("Records that the log has and the sink has not")
                .tag("sink", tailer.name())
                .register(registry);
        counter(registry, "delivered", "Records delivered", tailer, SinkTailer.Status::delivered);
        counter(registry, "failures", "Attempts that the sink did not accept", tailer, SinkTailer.Status::failures);
        counter(registry, "missing", "Records gone from the log before delivery", tailer, SinkTailer.Status::missing);
    }

    private static void counter(
            MeterRegistry registry,
            String what,
            String description,
            SinkTailer tailer,
            ToDoubleFunction<SinkTailer.Status> value) {
        FunctionCounter.builder("errand.sink." + what, tailer, t -> value.applyAsDouble(t.status()))
                .description(description)
                .tag("sink", tailer.name())
                .register(registry);
    }

    /** Always up: no call waits for a sink. */
    @Bean
    HealthIndicator provenanceSinksHealthIndicator(Sinks sinks) {
        return () -> {
            Health.Builder health = Health.up();
            for (SinkTailer tailer : sinks.tailers()) {
                SinkTailer.Status status = tailer.status();
                Map<String, Object> detail = new LinkedHashMap<>();
                detail.put("lag", status.lag());
                detail.put("delivers", status.failing() == null);
                detail.put("since", status.since().toString());
                if (status.failing() != null) {
                    detail.put("fault", status.failing());
                }
                health.withDetail(tailer.name(), detail);
            }
            return health.build();
        };
    }
}
