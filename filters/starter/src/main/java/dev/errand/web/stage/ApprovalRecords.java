package dev.errand.web.stage;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.state.RequestIndex;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ApprovedUse;
import dev.errand.token.Human;
import dev.errand.web.Settings;
import dev.errand.web.refusal.Records;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Tells what becomes of requests for approval: by a record of kind {@code approval}, by the meters {@code errand.approvals}
 * and {@code errand.approvals.waited}, and in the index where people find the requests that wait. Thread-safe.
 */
public final class ApprovalRecords {
    private static final Logger LOG = LoggerFactory.getLogger(ApprovalRecords.class);

    private static final int MAX_LOGGED = 200;

    private final ProvenanceLog log;
    private final RequestIndex index;
    private final MeterRegistry registry;
    private final String gateway;
    private final String issuer;

    ApprovalRecords(ProvenanceLog log, RequestIndex index, MeterRegistry registry, Settings settings) {
        this.log = log;
        this.index = index;
        this.registry = registry;
        this.gateway = settings.gateway();
        this.issuer = settings.issuer();
    }

    /** What happened to a request. */
    public enum Event {
        REQUESTED,
        /** One more human approved it, and more are needed. */
        PENDING,
        /** The number of approvals that are needed is reached. */
        APPROVED,
        REFUSED,
        USED,
        /** The call that used it was not sent. */
        GIVEN_BACK,
        /** It ended unused: its time was over, its task ended, or the task's state changed. */
        ENDED;

        /** The word on the wire. */
        String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Records one event; fails with {@link LogUnavailableException}.
     *
     * @param request the request as people were shown it
     * @param by the humans who have approved; for a refusal the human who refused
     * @param decision the decision of the call that used the approval or gave it back; null for other events
     */
    public Mono<Void> record(
            Event event, ApprovalRequest request, List<Human> by, @Nullable String decision, @Nullable String why) {
        JsonObject told = told(request);
        String template = told.string("template");
        count(template, event);
        if (event == Event.REQUESTED) {
            tell(request, told);
        }
        return log.append(record(event, request, told, by, decision, why)).then(indexed(event, request));
    }

    /** Logs where people decide, for operators without a receiver of events. */
    private void tell(ApprovalRequest request, JsonObject told) {
        JsonObject members = told.object("members");
        LOG.info(
                "approval requested: decide at {}/approvals/{} until {}, operation={} task={} template={}",
                issuer,
                request.id(),
                Instant.ofEpochMilli(request.expiresMillis()),
                Printable.line(members == null ? null : members.string("operation"), MAX_LOGGED),
                Printable.line(members == null ? null : members.string("task"), MAX_LOGGED),
                told.string("template"));
    }

    /** As {@link #record}; if the log is away, only a warning is logged. */
    public Mono<Void> recordIfPossible(
            Event event, ApprovalRequest request, List<Human> by, @Nullable String decision, @Nullable String why) {
        return record(event, request, by, decision, why).onErrorResume(LogUnavailableException.class, away -> {
            LOG.warn("approval not recorded id={} event={}: {}", request.id(), event.wire(), away.getMessage());
            return Mono.empty();
        });
    }

    /**
     * Records the end of a request that no replica had read before it ended. What was asked is in the record with the same id that was
     * written when the request was opened.
     *
     * @param task the task in the request's id
     */
    public Mono<Void> endedUnseen(String id, String task, Instant now) {
        count(null, Event.ENDED);
        return log.append(new ProvenanceRecord.Approval(
                        now,
                        Event.ENDED.wire(),
                        new ProvenanceRecord.Approved(id, List.of(), null, null),
                        null,
                        task,
                        null,
                        null,
                        null,
                        List.of(),
                        List.of(),
                        null,
                        "its time is over, the state of its task has changed, more objects to its call than people were shown,"
                                + " or the task or its token has ended",
                        null,
                        gateway))
                .onErrorResume(LogUnavailableException.class, away -> {
                    LOG.warn("approval not recorded id={} event=ended: {}", id, away.getMessage());
                    return Mono.empty();
                });
    }

    /** Measures how long the agent waited for people. */
    public void waited(ApprovalRequest request, long nowMillis) {
        Timer.builder("errand.approvals.waited")
                .description("From a request to the decision of people on it")
                .publishPercentileHistogram()
                .tag("template", template(told(request).string("template")))
                .register(registry)
                .record(Duration.ofMillis(Math.max(0, nowMillis - request.openedMillis())));
    }

    private void count(@Nullable String template, Event event) {
        Counter.builder("errand.approvals")
                .description("Requests for a human's approval, by what became of them")
                .tag("template", template(template))
                .tag("outcome", event.wire())
                .register(registry)
                .increment();
    }

    private static String template(@Nullable String name) {
        return name == null ? "" : name;
    }

    private Mono<Void> indexed(Event event, ApprovalRequest request) {
        Mono<Void> change = switch (event) {
            case REQUESTED, GIVEN_BACK -> index.add(request.id(), request.endsMillis());
            case REFUSED, ENDED -> index.remove(request.id()).then();
            // An offer stands until its last call.
            case USED ->
                request.state() == ApprovalRequest.State.USED
                        ? index.remove(request.id()).then()
                        : Mono.empty();
            case APPROVED -> request.offered() == null ? Mono.empty() : index.add(request.id(), request.endsMillis());
            case PENDING -> Mono.empty();
        };
        return change.onErrorResume(failed -> {
            LOG.warn(
                    "the list of requests that wait could not be brought up to date id={}: {}",
                    request.id(),
                    failed.getMessage());
            return Mono.empty();
        });
    }

    private ProvenanceRecord.Approval record(
            Event event,
            ApprovalRequest request,
            JsonObject told,
            List<Human> by,
            @Nullable String decision,
            @Nullable String why) {
        JsonObject members = told.object("members");
        JsonObject human = told.object("human");
        String operation = members == null ? null : members.string("operation");
        return new ProvenanceRecord.Approval(
                Instant.now(),
                event.wire(),
                approved(request, by),
                decision == null ? told.string("decision") : decision,
                members == null ? null : members.string("task"),
                told.string("template"),
                members == null ? null : members.string("revision"),
                human == null
                        ? null
                        : new Human(String.valueOf(human.string("iss")), String.valueOf(human.string("sub"))),
                operation == null ? List.of() : List.of(operation.split(" ", -1)),
                members != null && members.get("resource") instanceof JsonArray resources
                        ? resources.values().stream()
                                .map(each -> each instanceof JsonString text ? text.value() : "")
                                .toList()
                        : List.of(),
                request.code(),
                why == null ? String.join(" ", request.why()) : why,
                Instant.ofEpochMilli(request.endsMillis()),
                gateway);
    }

    private static ProvenanceRecord.Approved approved(ApprovalRequest request, List<Human> by) {
        ProvenanceRecord.Approved used = Records.approved(ApprovedUse.of(request));
        return new ProvenanceRecord.Approved(used.id(), by, used.digest(), used.offer());
    }

    /** What people are shown of a request; empty if it is no longer kept. */
    public static JsonObject told(ApprovalRequest request) {
        try {
            return request.told().length == 0 ? JsonObject.EMPTY : Json.parseObject(request.told());
        } catch (MalformedJsonException damaged) {
            return JsonObject.EMPTY;
        }
    }
}
