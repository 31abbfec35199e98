package dev.errand.issuer;

import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.policy.GoverningPolicies;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.Run;
import dev.errand.state.StandingErrand.State;
import dev.errand.state.StandingErrands;
import dev.errand.state.StandingErrands.Found;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.token.Human;
import dev.errand.web.refusal.StartRecords;
import dev.errand.web.refusal.TaskMetrics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Finds standing errands and ends them. The step that ends an errand comes first, so that no later run begins; the tasks of its runs are
 * interrupted next, and the records come last. Thread-safe, never blocking; fails with
 * {@link dev.errand.state.StoreUnavailableException}.
 */
public final class StandingEnds {
    private static final Logger LOG = LoggerFactory.getLogger(StandingEnds.class);
    private static final int AT_ONCE = 16;

    /** How many errands are read for one page. */
    static final int MOST_READ = 1_000;

    private final StandingErrands errands;
    private final StandingSettling settling;
    private final TaskStore tasks;
    private final StartStore starts;
    private final StartRecords records;
    private final ProvenanceLog log;
    private final TaskMetrics metrics;

    StandingEnds(
            StandingErrands errands,
            StandingSettling settling,
            TaskStore tasks,
            StartStore starts,
            StartRecords records,
            ProvenanceLog log,
            TaskMetrics metrics) {
        this.errands = errands;
        this.settling = settling;
        this.tasks = tasks;
        this.starts = starts;
        this.records = records;
        this.log = log;
        this.metrics = metrics;
    }

    /**
     * Which errands are meant; a null selects all.
     *
     * @param agent the SPIFFE ID
     * @param subject the {@code sub} of humans of any issuer
     */
    public record Selection(
            @Nullable Human human,
            @Nullable String agent,
            @Nullable String template,
            @Nullable String subject) {
        public Selection(@Nullable Human human, @Nullable String agent, @Nullable String template) {
            this(human, agent, template, null);
        }

        private boolean mayBe(String member) {
            String[] marks = member.split("\\.");
            return (human == null || marks[1].equals(StandingErrand.mark(human.issuer() + ' ' + human.subject())))
                    && (agent == null || marks[2].equals(StandingErrand.mark(agent)))
                    && (template == null || marks[3].equals(StandingErrand.mark(template)));
        }

        private boolean selects(StandingErrand errand) {
            return (human == null || human.equals(errand.human()))
                    && (subject == null || subject.equals(errand.human().subject()))
                    && (agent == null || agent.equals(errand.agent()))
                    && (template == null || template.equals(errand.template()));
        }
    }

    /** @param below the cursor of the next page; null for the last page. A page that is not the last one may have any number of errands. */
    public record Page(List<Found> found, @Nullable String below) {}

    /**
     * One page of errands, the latest allowed first, after their ended runs gave back what they did not use. Of at most
     * {@value #MOST_READ} errands that may be meant: no more are read for one page.
     */
    public Mono<Page> page(Selection selection, int limit, @Nullable String below) {
        return page(selection, limit, below, new ArrayList<>(), 0)
                .flatMap(page -> Flux.fromIterable(page.found())
                        .concatMap(found -> settling.settled(found).map(settled -> settled.orElse(found)))
                        .collectList()
                        .map(settled -> new Page(settled, page.below())));
    }

    private Mono<Page> page(Selection selection, int limit, @Nullable String below, List<Found> found, int readBefore) {
        return errands.members(below).flatMap(members -> {
            String last = members.isEmpty() ? null : members.get(members.size() - 1);
            List<String> meant = members.stream().filter(selection::mayBe).toList();
            int allRead = readBefore + meant.size();
            return errands.read(meant).flatMap(read -> {
                for (Found each : read) {
                    if (selection.selects(each.errand())) {
                        found.add(each);
                    }
                    if (found.size() == limit) {
                        return Mono.just(new Page(found, each.errand().member()));
                    }
                }
                if (last == null || members.size() < StandingErrands.PAGE) {
                    return Mono.just(new Page(found, null));
                }
                return allRead > MOST_READ - StandingErrands.PAGE
                        ? Mono.just(new Page(found, last))
                        : page(selection, limit, last, found, allRead);
            });
        });
    }

    /** All errands that are meant. */
    Flux<Found> all(Selection selection) {
        return page(selection, StandingErrands.PAGE, null, new ArrayList<>(), 0)
                .expand(page -> page.below() == null
                        ? Mono.empty()
                        : page(selection, StandingErrands.PAGE, page.below(), new ArrayList<>(), 0))
                .concatMapIterable(Page::found);
    }

    /** One errand, after its ended runs gave back what they did not use. */
    public Mono<Optional<Found>> find(String id) {
        return settling.settled(id);
    }

    /**
     * Ends an errand with its tasks; does it again for one that was ended before. Empty if there is none.
     *
     * @param why for the log
     */
    public Mono<Optional<StandingErrand>> end(String id, EndedBy by, String why) {
        AtomicBoolean first = new AtomicBoolean();
        return errands.change(id, (now, millis) -> {
                    first.set(now.state(millis) != State.ENDED);
                    return first.get() ? now.ended(by.wire()) : now;
                })
                .flatMap(ended -> ended.isEmpty()
                        ? Mono.just(ended)
                        : stop(ended.get(), by, why)
                                .then(first.get() ? told(ended.get(), "ended", by, why) : Mono.empty())
                                .thenReturn(ended));
    }

    /** Ends all errands that are meant, and says how many of them might still have run. */
    public Mono<Long> endAll(Selection selection, EndedBy by, String why) {
        return all(selection)
                .filter(found ->
                        !found.errand().live().isEmpty() || found.errand().state(found.nowMillis()) != State.ENDED)
                .flatMap(
                        found -> end(found.errand().id(), by, why)
                                .filter(ended -> found.errand().state(found.nowMillis()) == State.ACTIVE),
                        AT_ONCE)
                .count();
    }

    /** Interrupts the tasks of an errand's runs. */
    Mono<Void> stop(StandingErrand errand, EndedBy by, String why) {
        return Flux.fromIterable(errand.live())
                .flatMap(run -> stop(errand, run, by, why), AT_ONCE)
                .then();
    }

    private Mono<Void> stop(StandingErrand errand, Run run, EndedBy by, String why) {
        return end(run.task(), errand.template(), errand.human(), errand.agent(), by, why);
    }

    /** Interrupts one task, and records its end if this step ended it. */
    public Mono<Void> end(
            String task, @Nullable String template, Human human, @Nullable String agent, EndedBy by, String why) {
        TaskStep.Interrupt step = by.isOperator()
                ? TaskStep.Interrupt.byOperator(why, false)
                : new TaskStep.Interrupt(
                        "ended by the " + (by.equals(EndedBy.PROVIDER) ? "identity provider" : by.cause()));
        return tasks.apply(new TaskKey(task), GoverningPolicies.UNTEMPLATED, step)
                .filter(outcome -> outcome instanceof TaskOutcome.Done done && done.ended())
                .flatMap(ended -> {
                    metrics.ended(template, by);
                    return log.append(new ProvenanceRecord.Ended(
                                    Instant.now(),
                                    task,
                                    null,
                                    null,
                                    TaskState.INTERRUPTED.wire(),
                                    by,
                                    null,
                                    human,
                                    why))
                            .onErrorResume(LogUnavailableException.class, away -> {
                                LOG.warn("ending not recorded task={}: {}", task, away.getMessage());
                                return Mono.empty();
                            })
                            .then(
                                    template == null || agent == null
                                            ? Mono.empty()
                                            : starts.release(StartKey.of(template, human, agent), task));
                });
    }

    /** Records what became of an errand as a whole. */
    Mono<Void> told(StandingErrand errand, String what, @Nullable EndedBy by, @Nullable String why) {
        return records.standingIfPossible((time, gateway) -> new ProvenanceRecord.Standing(
                time,
                errand.id(),
                what,
                null,
                why,
                null,
                errand.template(),
                errand.human(),
                errand.agent(),
                by,
                gateway));
    }
}
