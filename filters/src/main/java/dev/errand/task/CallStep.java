package dev.errand.task;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.limit.BucketLevel;
import dev.errand.limit.Budgets;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequenceState;
import dev.errand.task.TaskOutcome.RateAdvice;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskPolicy.Reaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One call against the working copy: judged by its MCP session, budgets, buckets, plan, rules and flow in this order
 * (CONTRACT.md section 4), and only if none objects debited. The task is active, the chain good and the proof unseen before it
 * comes here.
 */
final class CallStep {
    private static final List<String> TOKENS =
            IntStream.range(0, 16).mapToObj(depth -> "token:" + depth).toList();

    private final Ledger ledger;
    private final TaskPolicy policy;
    private final TaskStep.Call call;
    private final List<TokenAccount> chain;
    /** The place of each token of the chain, root first; null for one that nothing is known of. */
    private final @Nullable Integer[] places;
    /** What is known of each. */
    private final TokenRecord[] known;

    private final int cost;
    private final String stood;
    /** The template's first, then those of each token, root first. */
    private final List<Charge> charges = new ArrayList<>();
    /** What each charge leaves in its bucket, in the same order; null where the bucket was not taken from. */
    private final List<@Nullable BucketLevel> taken = new ArrayList<>();

    private final List<Denial> observed = new ArrayList<>(0);

    CallStep(Ledger ledger, TaskStep.Call call, @Nullable Integer[] places) {
        this.ledger = ledger;
        this.policy = ledger.policy;
        this.call = call;
        this.chain = call.chain();
        this.places = places;
        this.known = new TokenRecord[places.length];
        for (int depth = 0; depth < known.length; depth++) {
            known[depth] = ledger.tokens.at(places[depth]);
        }
        this.cost = call.calls().size();
        this.stood = ledger.describe();
    }

    TaskOutcome apply() {
        Refusal refusal = session();
        if (refusal != null) {
            return denied(refusal);
        }
        findCharges();
        refusal = budgets();
        if (refusal == null) {
            refusal = buckets();
        }
        if (refusal != null) {
            return denied(refusal);
        }
        SequenceState current = policy.sequence().expire(ledger.sequence, ledger.nowMillis);
        SequencePolicy.Verdict verdict = policy.sequence().take(current, moves(), call.decision(), ledger.nowMillis);
        SequenceState next = current;
        boolean awaits = false;
        if (verdict instanceof SequencePolicy.Verdict.Fits fits) {
            next = fits.next();
            awaits = fits.awaitsOutcome();
            fits.observed().forEach(objection -> observed.add(refusal(objection).denial()));
        } else if (verdict instanceof SequencePolicy.Verdict.Refused refused) {
            Refusal byOrder = refusal(refused.objection());
            if (!policy.observe()) {
                ledger.move(current);
                return denied(byOrder);
            }
            observed.add(byOrder.denial());
        }
        Refusal byFlow = flow();
        if (byFlow != null) {
            if (!policy.observe() && policy.flow() == Flow.ENFORCE) {
                ledger.move(current);
                return denied(byFlow);
            }
            observed.add(byFlow.denial());
        }
        debit(next);
        return new TaskOutcome.Permitted(ledger.progress(stood, left()), awaits, observed);
    }

    private @Nullable Refusal session() {
        SessionId session = call.session();
        if (session == null
                || ledger.sessions.permits(
                        session, chain.stream().map(TokenAccount::id).toList())) {
            return null;
        }
        String detail = "The MCP session was not received by this token, nor by one above or below it.";
        return new Refusal(
                new Denial(DenyReason.NOT_GRANTED, "operation", detail),
                policy.reactions().notGranted(),
                null,
                true,
                detail);
    }

    private void findCharges() {
        Charge.ofTemplate(charges, "task", "", policy.limits(), ledger.buckets, cost);
        Map<String, Integer> costs = new LinkedHashMap<>();
        for (OperationCall pair : call.calls()) {
            costs.merge(pair.operation().id(), 1, Integer::sum);
        }
        costs.forEach((operation, n) -> Charge.ofTemplate(
                charges,
                operation,
                operation,
                policy.operationLimits().getOrDefault(operation, List.of()),
                ledger.buckets,
                n));
        for (int depth = 0; depth < chain.size(); depth++) {
            TokenLevels levels = known[depth].levels();
            for (TokenAccount.Limit limit : chain.get(depth).limits()) {
                int place = limit.place();
                charges.add(new Charge(
                        name(depth), depth, BucketName.of("", place), limit.bucket(), levels.get(place), cost));
            }
        }
    }

    private @Nullable Refusal budgets() {
        if (policy.calls() != null && ledger.calls > policy.calls() - cost) {
            Refusal refusal =
                    budget("The task's budget of " + policy.calls() + " calls does not hold " + cost + " more.");
            if (!policy.observe()) {
                return refusal;
            }
            observed.add(refusal.denial());
        }
        int unknown = 0;
        for (int depth = 0; depth < chain.size(); depth++) {
            TokenAccount account = chain.get(depth);
            TokenRecord token = known[depth];
            Refusal refusal = null;
            if (account.calls() != null && token.calls() > account.calls() - cost) {
                refusal = budget("The budget of " + account.calls() + " calls of the token at depth " + depth
                        + " does not hold " + cost + " more.");
            } else if (account.children() != null
                    && depth + 1 < chain.size()
                    && !known[depth + 1].permitted()
                    && token.children() >= account.children()) {
                refusal = budget("The token at depth " + depth + " may have " + account.children()
                        + " children that call, and has them.");
            }
            if (refusal != null) {
                if (!policy.observe()) {
                    return refusal;
                }
                observed.add(refusal.denial());
            }
            unknown += places[depth] == null ? 1 : 0;
        }
        if (ledger.tokens.size() + unknown > Task.MAX_TOKENS) {
            return budget("The task keeps account of at most " + Task.MAX_TOKENS + " tokens.");
        }
        for (Charge charge : charges) {
            if (!charge.bucket().admits(charge.cost())) {
                Refusal refusal = budget("The call costs " + charge.cost() + ", more than the capacity "
                        + charge.bucket().bandwidth().capacity() + " of the limit '" + charge.name() + "'.");
                if (!policy.observe() && !charge.isObserved()) {
                    return refusal;
                }
                observed.add(refusal.denial());
            }
        }
        return null;
    }

    private @Nullable Refusal buckets() {
        Refusal worst = null;
        for (Charge charge : charges) {
            boolean admitted = charge.bucket().admits(charge.cost());
            BucketLevel level =
                    admitted ? charge.bucket().consume(charge.level(), charge.cost(), ledger.nowMillis) : null;
            taken.add(level);
            if (!admitted || level != null) {
                continue;
            }
            Refusal refusal = rate(charge);
            if (policy.observe() || charge.isObserved()) {
                observed.add(refusal.denial());
            } else if (worst == null || refusal.waits().compareTo(worst.waits()) > 0) {
                worst = refusal;
            }
        }
        return worst;
    }

    private Refusal rate(Charge charge) {
        Duration wait = charge.bucket().waitFor(charge.level(), charge.cost(), ledger.nowMillis);
        long capacity = charge.bucket().bandwidth().capacity();
        Duration period = charge.bucket().bandwidth().period();
        String detail = "The limit '" + charge.name() + "' of " + capacity + " calls per " + period.toMillis()
                + " ms is reached; come back in " + wait.toMillis() + " ms.";
        RateAdvice advice = new RateAdvice(
                charge.name(), capacity, period, charge.bucket().available(charge.level(), ledger.nowMillis), wait);
        return new Refusal(
                new Denial(DenyReason.RATE_EXCEEDED, "limits", detail),
                policy.reactions().limit(),
                advice,
                true,
                detail);
    }

    private Refusal budget(String detail) {
        return new Refusal(
                new Denial(DenyReason.BUDGET_EXHAUSTED, "limits", detail),
                policy.reactions().limit(),
                null,
                true,
                detail);
    }

    private Refusal refusal(Objection objection) {
        boolean byPlan = objection.kind() == Objection.Kind.PLAN || objection.kind() == Objection.Kind.PENDING;
        boolean pending = objection.kind() == Objection.Kind.PENDING || objection.kind() == Objection.Kind.PENDING_RULE;
        Reaction reaction = pending
                ? Reaction.DENY
                : byPlan ? policy.reactions().sequence() : policy.reactions().rule();
        DenyReason reason = byPlan ? DenyReason.SEQUENCE_VIOLATION : DenyReason.RULE_VIOLATION;
        String step = pending ? "pending" : byPlan ? "sequence" : "rule";
        String trace =
                objection.trace().isEmpty() ? "" : " (shortest sequence: " + String.join(", ", objection.trace()) + ")";
        return new Refusal(
                new Denial(reason, step, objection.detail()), reaction, null, !pending, objection.detail() + trace);
    }

    private @Nullable Refusal flow() {
        if (policy.flow() == Flow.OFF || (call.trusted() && !ledger.untrusted)) {
            return null;
        }
        for (OperationCall pair : call.calls()) {
            if (pair.operation().needsTrusted()) {
                String detail = "The operation '" + pair.operation().id() + "' needs a trusted task, and "
                        + (ledger.untrusted ? "untrusted content has reached it." : "its instruction is untrusted.")
                        + " Have the human authorise it in a task of its own.";
                return new Refusal(
                        new Denial(DenyReason.FLOW_DENIED, "flow", detail), Reaction.DENY, null, true, detail);
            }
        }
        return null;
    }

    private List<Move> moves() {
        List<Move> moves = new ArrayList<>(cost);
        for (OperationCall pair : call.calls()) {
            moves.add(new Move(pair.operation().id(), pair.arguments(), pair.dryRun()));
        }
        return moves;
    }

    private void debit(SequenceState next) {
        ledger.changed();
        ledger.move(next);
        ledger.calls += cost;
        if (policy.flow() != Flow.OFF) {
            for (OperationCall pair : call.calls()) {
                ledger.untrusted |= pair.operation().yieldsUntrusted();
            }
        }
        int at = 0;
        for (; at < charges.size() && charges.get(at).owner() < 0; at++) {
            BucketLevel level = taken.get(at);
            if (level != null) {
                ledger.buckets.put(charges.get(at).key(), level);
            }
        }
        for (int depth = 0; depth < known.length; depth++) {
            TokenRecord token = known[depth];
            if (depth + 1 < known.length && !known[depth + 1].permitted()) {
                token = token.withOneMoreChild();
            }
            int own = at;
            while (at < charges.size() && charges.get(at).owner() == depth) {
                at++;
            }
            token = token.charged(token.calls() + cost, levels(token, own, at));
            known[depth] = token;
            ledger.tokens.put(places[depth], chain.get(depth).id(), token);
        }
        if (at != charges.size()) {
            throw new IllegalStateException("charges out of order: one of them would be free");
        }
    }

    /** The levels of a token's buckets after this step, which are those of the charges in that range. */
    private TokenLevels levels(TokenRecord before, int from, int to) {
        TokenLevels levels = before.levels();
        for (int i = from; i < to; i++) {
            BucketLevel level = taken.get(i);
            if (level != null) {
                levels = levels.with(charges.get(i).key().index(), level);
            }
        }
        return levels;
    }

    /** The name of that token's budgets in answers. */
    private static String name(int depth) {
        return depth < TOKENS.size() ? TOKENS.get(depth) : "token:" + depth;
    }

    private TaskOutcome denied(Refusal refusal) {
        TaskOutcome.Ending ending = refusal.counts()
                ? new Interruption(ledger, chain)
                        .after(refusal.denial().reason(), reasonIn(refusal), refusal.reaction())
                : null;
        return new TaskOutcome.Denied(refusal.denial(), ending, refusal.rate(), ledger.progress(stood, left()));
    }

    private static String reasonIn(Refusal refusal) {
        String text = refusal.why().endsWith(".")
                ? refusal.why().substring(0, refusal.why().length() - 1)
                : refusal.why();
        return refusal.denial().reason().code() + ": " + text;
    }

    /** What is left by name, after this step. */
    private Budgets.Builder left() {
        Budgets.Builder left = ledger.budgets(charges.size() + chain.size() + 1);
        for (Charge charge : charges) {
            BucketLevel level = charge.owner() < 0
                    ? ledger.buckets.get(charge.key())
                    : known[charge.owner()].levels().get(charge.key().index());
            String name = charge.owner() < 0 && !charge.name().equals("task") ? "op:" + charge.name() : charge.name();
            left.add(name, charge.bucket().available(level, ledger.nowMillis));
        }
        for (int depth = 0; depth < chain.size(); depth++) {
            Long calls = chain.get(depth).calls();
            if (calls != null) {
                left.add(name(depth), Math.max(0, calls - known[depth].calls()));
            }
        }
        return left;
    }

    /** One objection, with what it leads to. */
    private record Refusal(
            Denial denial, Reaction reaction, @Nullable RateAdvice rate, boolean counts, String why) {
        Duration waits() {
            return rate == null ? Duration.ZERO : rate.retryAfter();
        }
    }
}
