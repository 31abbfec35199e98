package dev.errand.sink;

import dev.errand.jose.SigningKeys;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends one receiver an event for every ended task and every change of an approval in the log, in order, and records
 * the result. Later events wait until an event is accepted, refused, or too old. Used by one thread, which may block.
 */
public final class EventSink implements Sink {
    private static final Duration APPEND = Duration.ofSeconds(10);

    private final String issuer;
    private final EventReceiver receiver;
    private final SigningKeys keys;
    private final ProvenanceLog log;
    private final PushedEvent push = new PushedEvent();

    // The progress within a batch: a batch that was interrupted is delivered again.
    private String source = "";
    private long settled = -1;
    private long pushing = -1;
    private int attempts;
    private ProvenanceRecord.@Nullable Event unrecorded;

    /** @param log gets the result of each event */
    public EventSink(String issuer, EventReceiver receiver, SigningKeys keys, ProvenanceLog log) {
        this.issuer = issuer;
        this.receiver = receiver;
        this.keys = keys;
        this.log = log;
    }

    @Override
    public void deliver(List<SinkRecord> records) throws SinkUnavailableException, InterruptedException {
        for (SinkRecord record : records) {
            if (!record.source().equals(source)) {
                source = record.source();
                settled = -1;
                pushing = -1;
                unrecorded = null;
            }
            SecurityEvent event = record.index() > settled ? SecurityEvent.of(record, issuer, receiver) : null;
            if (event != null) {
                settle(record, event);
                settled = record.index();
            }
        }
    }

    private void settle(SinkRecord ending, SecurityEvent event) throws SinkUnavailableException, InterruptedException {
        if (pushing != ending.index()) {
            pushing = ending.index();
            attempts = 0;
        }
        ProvenanceRecord.Event answered = unrecorded;
        if (answered == null) {
            attempts++;
            answered = push(ending, event);
            unrecorded = answered;
        }
        append(answered);
        unrecorded = null;
    }

    private ProvenanceRecord.Event push(SinkRecord ending, SecurityEvent event)
            throws SinkUnavailableException, InterruptedException {
        String token = keys.messageKey().signJws(SessionRevoked.TYPE, event.claims());
        try {
            PushedEvent.Answer answer = push.push(receiver, token);
            String outcome = answer.error() == null ? "delivered" : "refused";
            return record(ending, event, outcome, answer.status(), answer.error());
        } catch (SinkUnavailableException e) {
            Instant ended = Instant.parse(String.valueOf(ending.json().string("time")));
            if (ended.plus(receiver.giveUpAfter()).isAfter(Instant.now())) {
                throw e;
            }
            return record(ending, event, "expired", null, null);
        }
    }

    private ProvenanceRecord.Event record(
            SinkRecord ending, SecurityEvent event, String outcome, @Nullable Integer status, @Nullable String error) {
        return new ProvenanceRecord.Event(
                Instant.now(),
                event.name(),
                event.id(),
                String.valueOf(ending.json().string("task")),
                ending.json().string("token"),
                receiver.name(),
                outcome,
                status,
                error,
                attempts);
    }

    private void append(ProvenanceRecord.Event event) throws SinkUnavailableException {
        try {
            log.append(event).block(APPEND);
        } catch (ProvenanceLog.LogUnavailableException | IllegalStateException e) {
            throw SinkUnavailableException.of(e);
        }
    }

    @Override
    public void close() {}
}
