package dev.errand.state.histories;

import dev.errand.jose.ProofClaim;
import dev.errand.state.StateListener;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.token.TokenId;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/**
 * One replica as a process: it reads steps from its input, a line each, and answers each by a line. A permit that is older than the
 * bound asks the state once more, as the gateway does before it sends.
 *
 * <pre>
 * number task start | number task call child proof | number task interrupt | number task revoke child | number task look
 * number task ask body proof | number task decide request digest approve|refuse human
 * number task write key proof | number task read key proof | number task settle proof true|false
 * number task unanswered proof | number task handed proof | number task know proof true|false
 * clock milliseconds
 *
 * number nanoseconds permitted left | denied | ended STATE | replayed | done STATE | away
 * number nanoseconds asked request digest shown | passed request | unsent | decided VERDICT
 * number nanoseconds denied unknown decision,decision | told VERDICT
 * </pre>
 */
final class ReplicaProgram {
    static final Duration TIMEOUT = Duration.ofMillis(250);
    static final Duration PERMIT_AGE = TIMEOUT.plusMillis(50);
    static final long CALLS = 100_000;

    static final TaskPolicy POLICY = ApprovalSteps.policy(Tasks.calls(Tasks.policy(), CALLS));
    static final TokenAccount ROOT = Tasks.token("root");

    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final Duration TASK = Duration.ofMinutes(15);
    private static final int KEEP_MILLIS = 600_000;

    private final RedisTaskStore store;
    private final AtomicLong wallMillis;
    private final PrintStream out;

    private ReplicaProgram(RedisTaskStore store, AtomicLong wallMillis, PrintStream out) {
        this.store = store;
        this.wallMillis = wallMillis;
        this.out = out;
    }

    /** @param urls of the store */
    public static void main(String[] urls) throws Exception {
        PrintStream out = System.out;
        // Whatever a library prints is no answer.
        System.setOut(System.err);
        AtomicLong wallMillis = new AtomicLong();
        Clock wall = new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.now().plusMillis(wallMillis.get());
            }
        };
        RedisLink link =
                RedisLink.open(RedisAddress.parse(List.of(urls)), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        link.awaitAnswer(Duration.ofSeconds(20));
        RedisTaskStore store =
                new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, new ClockSkew(wall, SKEW));
        new ReplicaProgram(store, wallMillis, out).run();
    }

    private void run() throws Exception {
        answer("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("clock")) {
                wallMillis.set(Long.parseLong(words[1]));
                continue;
            }
            long asked = System.nanoTime();
            TaskKey key = new TaskKey(words[1]);
            TaskPolicy own = OutcomeSteps.policyOf(words[1]);
            TaskPolicy policy = own == null ? POLICY : own;
            store.apply(key, policy, step(words))
                    .flatMap(outcome -> sent(key, policy, outcome, chain(words), asked))
                    .flatMap(outcome -> ApprovalSteps.sent(
                            store, key, policy, outcome, "d" + words[words.length - 1], spelled(outcome)))
                    .onErrorReturn("away")
                    .subscribe(spelled -> answer(words[0] + " " + System.nanoTime() + " " + spelled));
        }
        Runtime.getRuntime().halt(0);
    }

    private synchronized void answer(String line) {
        out.println(line);
        out.flush();
    }

    /** What the call comes to that is to be sent now. */
    private Mono<TaskOutcome> sent(
            TaskKey key, TaskPolicy policy, TaskOutcome outcome, List<TokenId> chain, long asked) {
        if (!(outcome instanceof TaskOutcome.Permitted) || System.nanoTime() - asked <= PERMIT_AGE.toNanos()) {
            return Mono.just(outcome);
        }
        long again = System.nanoTime();
        return store.apply(key, policy, new TaskStep.Look(chain))
                .flatMap(look ->
                        look instanceof TaskOutcome.Ended ? Mono.just(look) : sent(key, policy, outcome, chain, again));
    }

    private static List<TokenId> chain(String[] words) {
        boolean below = words[2].equals("call") && !words[3].equals("-");
        return below ? List.of(ROOT.id(), Tasks.token(words[3]).id()) : List.of(ROOT.id());
    }

    private static TaskStep step(String[] words) {
        TaskStep ofOutcomes = OutcomeSteps.step(words, KEEP_MILLIS);
        if (ofOutcomes != null) {
            return ofOutcomes;
        }
        return switch (words[2]) {
            case "start" -> new TaskStep.Start(ROOT.id(), System.currentTimeMillis() + TASK.toMillis());
            case "call" ->
                new TaskStep.Call(
                        "d" + words[4],
                        words[3].equals("-") ? List.of(ROOT) : List.of(ROOT, Tasks.token(words[3])),
                        new ProofClaim(words[4], KEEP_MILLIS, false),
                        List.of(Tasks.pair("x")),
                        true,
                        0);
            case "ask" -> ApprovalSteps.ask(words, KEEP_MILLIS);
            case "decide" -> ApprovalSteps.decide(words);
            case "interrupt" -> new TaskStep.Interrupt("history");
            case "revoke" -> new TaskStep.Revoke(Tasks.token(words[3]).id());
            default -> new TaskStep.Look();
        };
    }

    private static String spelled(TaskOutcome outcome) {
        if (outcome instanceof TaskOutcome.Permitted permitted) {
            return "permitted " + permitted.progress().budgets().get("calls");
        }
        if (outcome instanceof TaskOutcome.Ended ended) {
            return "ended " + ended.state();
        }
        if (outcome instanceof TaskOutcome.Done done) {
            return "done " + done.state();
        }
        String unknown = OutcomeSteps.spelled(outcome);
        if (unknown != null) {
            return unknown;
        }
        String approval = ApprovalSteps.spelled(outcome);
        if (approval != null) {
            return approval;
        }
        return outcome instanceof TaskOutcome.Replayed ? "replayed" : "denied";
    }
}
