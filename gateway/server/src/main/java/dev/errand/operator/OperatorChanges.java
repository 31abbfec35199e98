package dev.errand.operator;

import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Records what operators change, each with the operator's name. Thread-safe, never blocking. */
record OperatorChanges(ProvenanceLog log) {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorChanges.class);

    /** How long an answer waits for the operator's record. */
    private static final Duration RECORDED_WITHIN = Duration.ofSeconds(1);

    /** Records a change. Returns whether the log has the record by now; if the log was too slow, the record may still follow. */
    public Mono<Boolean> record(Operator operator, String action, @Nullable String task, String detail) {
        return log.append(new ProvenanceRecord.Operator(Instant.now(), operator.by(), action, task, detail))
                .thenReturn(true)
                .timeout(RECORDED_WITHIN)
                .onErrorResume(
                        e -> e instanceof ProvenanceLog.LogUnavailableException || e instanceof TimeoutException, e -> {
                            LOG.warn(
                                    "{} not recorded by={} task={}: {}",
                                    action,
                                    operator.by().wire(),
                                    task,
                                    e.getMessage());
                            return Mono.just(false);
                        });
    }
}
