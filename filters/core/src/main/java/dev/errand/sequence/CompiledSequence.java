package dev.errand.sequence;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.SequencePosition.Said;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Counts;
import dev.errand.sequence.rule.KeptAnswers;
import dev.errand.sequence.rule.Pair;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.RuleTerms;
import dev.errand.sequence.rule.Tally;
import dev.errand.sequence.rule.Vocabulary;
import dev.errand.token.Sha256;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A compiled plan with its rules. Immutable and thread-safe. Expects states that the same policy made.
 *
 * <p>A call fits if it fits for every possible outcome of the calls in flight, and of the calls whose outcome is
 * unknown. So the state has two parts: the place in the plan after the calls whose outcome is known, and all later calls
 * in the order in which they were permitted, beginning with the first whose outcome is not known. A call that was
 * permitted always fits, whatever the outcomes are.
 */
public final class CompiledSequence implements SequencePolicy {
    /** The most calls whose outcome is awaited at once. */
    public static final int MAX_IN_FLIGHT = 256;

    /** The most operations of calls in flight at once: one call may have 1,000. */
    public static final int MAX_PLACES = 4_096;

    /** The most calls of which it is kept what an operator said of them; beyond this number, the oldest are dropped. */
    static final int MAX_SAID = 32;

    /** The most calls that are kept only so that they can be given back; beyond this number, the oldest are dropped. */
    static final int MAX_RETURNABLE = 128;

    private final Vocabulary vocabulary;
    private final @Nullable Plan plan;
    private final Set<String> interleave;
    private final List<RuleMonitor> rules;
    private final JudgedCall judgement;
    private final Settling settling;
    private final Map<String, Set<String>> returns;
    private final Map<String, Set<String>> remembered;
    private final List<KeptAnswers.Watched> watched;
    private final String digest;
    private final boolean needsAnswers;
    private final SequencePosition start;
    private final SequencePositionCodec codec;

    CompiledSequence(
            Vocabulary vocabulary,
            @Nullable Automaton automaton,
            Set<String> interleave,
            List<RuleMonitor> rules,
            Duration responseTimeout) {
        this.vocabulary = vocabulary;
        this.plan = automaton == null
                ? null
                : new Plan(
                        automaton,
                        vocabulary.size(),
                        interleave.stream().sorted().toList());
        this.interleave = Set.copyOf(interleave);
        this.rules = List.copyOf(rules);
        this.judgement = new JudgedCall(vocabulary, plan, this.interleave, this.rules);
        this.watched = KeptAnswers.watched(this.rules);
        this.settling = new Settling(plan, this.rules, watched, responseTimeout.toMillis());
        this.returns = returns(this.rules, rule -> true);
        this.remembered = returns(this.rules, rule -> !rule.keepsAnswers());
        byte[] sha256 = Sha256.of(canonical());
        this.digest = Sha256.label(sha256);
        this.needsAnswers = isOrderedByAnswers();
        this.start = new SequencePosition(
                automaton == null ? null : Configuration.start(automaton),
                List.of(),
                Collections.nCopies(rules.size(), Tally.EMPTY),
                List.of(),
                KeptAnswers.NONE);
        this.codec = new SequencePositionCodec(
                ByteBuffer.wrap(sha256).getInt(), vocabulary, automaton, rules.size(), watched);
    }

    private static Map<String, Set<String>> returns(List<RuleMonitor> rules, Predicate<Rule> of) {
        Map<String, Set<String>> names = new HashMap<>();
        for (RuleMonitor monitor : rules) {
            for (String operation : monitor.rule().operations()) {
                if (of.test(monitor.rule())
                        && !monitor.rule().returns(operation).isEmpty()) {
                    names.computeIfAbsent(operation, each -> new TreeSet<>())
                            .addAll(monitor.rule().returns(operation));
                }
            }
        }
        return Map.copyOf(names);
    }

    private String canonical() {
        StringBuilder text = new StringBuilder("errand sequence 1\n");
        if (plan != null) {
            text.append(plan.automaton.canonical());
        }
        text.append("interleave ").append(new TreeSet<>(interleave)).append('\n');
        rules.forEach(monitor -> text.append(monitor.rule().label())
                .append(' ')
                .append(monitor.rule().same().stream().sorted().toList())
                .append(monitor.rule().observe() ? " observe\n" : "\n"));
        return text.toString();
    }

    @Override
    public boolean needsAnswers() {
        return needsAnswers;
    }

    private boolean isOrderedByAnswers() {
        if (plan != null && !plan.automaton.countsSending()) {
            return true;
        }
        return rules.stream().map(monitor -> monitor.rule().terms()).anyMatch(RuleTerms::needsAnswers);
    }

    /** The plan's automaton; empty if there is no plan. */
    public Optional<Automaton> automaton() {
        return Optional.ofNullable(plan).map(p -> p.automaton);
    }

    /** The operations that fit in any state and do not move the plan. */
    public Set<String> interleave() {
        return interleave;
    }

    /** The rules, in the template's order. */
    public List<RuleMonitor> rules() {
        return rules;
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public int states() {
        return plan == null ? 0 : plan.automaton.states();
    }

    @Override
    public @Nullable String lookalike(String operation, JsonObject arguments) {
        int symbol = vocabulary.symbol(operation);
        return symbol < 0 ? null : vocabulary.lookalike(symbol, arguments);
    }

    @Override
    public SequenceState start() {
        return start;
    }

    @Override
    public Judged judge(SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
        SequencePosition position = settling.expire((SequencePosition) state, nowMillis);
        return judgement.of(position, moves, new StandingView(position, answers, nowMillis), decision);
    }

    @Override
    public long grown(
            SequenceState before,
            SequenceState after,
            Move move,
            Set<String> alike,
            int place,
            AnswerValues answers,
            long nowMillis) {
        int symbol = vocabulary.symbol(move.operation());
        RuleMonitor rule = symbol < 0 || place < 0 || place >= rules.size() ? null : rules.get(place);
        if (rule == null
                || !rule.concerns(symbol)
                || !alike.containsAll(rule.rule().same())) {
            return 0;
        }
        List<Pair> pair = List.of(
                new Pair(vocabulary.place(symbol, move.arguments()), move.arguments(), move.isText(), move.dryRun()));
        long from = counted(rule, (SequencePosition) before, place, pair, answers, nowMillis);
        long to = counted(rule, (SequencePosition) after, place, pair, answers, nowMillis);
        return from < 0 || to == Counts.FULL ? 0 : Math.max(0, to - from);
    }

    private static long counted(
            RuleMonitor rule,
            SequencePosition position,
            int place,
            List<Pair> pair,
            AnswerValues answers,
            long nowMillis) {
        return Counts.of(rule, position.tallies.get(place), pair, new StandingView(position, answers, nowMillis))
                .highest();
    }

    @Override
    public SequenceState settle(SequenceState state, String decision, boolean happened, long nowMillis) {
        return settle(state, decision, happened, false, nowMillis);
    }

    @Override
    public SequenceState settle(
            SequenceState state, String decision, boolean happened, boolean returning, long nowMillis) {
        SequencePosition position = (SequencePosition) state;
        InFlight call = position.open(InFlight.hash(decision));
        if (call == null) {
            return position;
        }
        SequencePosition settled = settling.settle(position, call, happened, nowMillis);
        return happened && returning ? settled.and(call.asReturning(nowMillis), plan) : settled;
    }

    @Override
    public boolean contradicts(SequenceState state, String decision, boolean happened) {
        Said said = ((SequencePosition) state).said(InFlight.hash(decision));
        return said != null && said.happened() != happened;
    }

    @Override
    public SequenceState unanswered(SequenceState state, String decision, boolean sent, long nowMillis) {
        SequencePosition position = (SequencePosition) state;
        InFlight call = position.open(InFlight.hash(decision));
        return call == null ? position : settling.unanswered(position, call, sent, nowMillis);
    }

    @Override
    public SequenceState sent(SequenceState state, String decision) {
        SequencePosition position = (SequencePosition) state;
        InFlight call = position.open(InFlight.hash(decision));
        return call == null ? position : settling.sent(position, call);
    }

    @Override
    public Settlement know(SequenceState state, String decision, boolean happened, long nowMillis) {
        SequencePosition position = settling.expire((SequencePosition) state, nowMillis);
        long hash = InFlight.hash(decision);
        InFlight call = position.open(hash);
        if (call == null) {
            Said said = position.said(hash);
            if (said == null) {
                return new Settlement(position, Settlement.Verdict.NO_SUCH);
            }
            return new Settlement(
                    position, said.happened() == happened ? Settlement.Verdict.REPEATED : Settlement.Verdict.CONFLICT);
        }
        if (call.unanswered()) {
            return new Settlement(position, Settlement.Verdict.IN_FLIGHT);
        }
        return new Settlement(
                settling.know(position, call, happened, nowMillis).with(new Said(hash, happened)),
                Settlement.Verdict.SETTLED);
    }

    @Override
    public List<UnknownOutcome> unknown(SequenceState state, long nowMillis) {
        List<UnknownOutcome> unknown = new ArrayList<>(0);
        for (InFlight call : settling.expire((SequencePosition) state, nowMillis).calls) {
            if (call.unknown()) {
                List<String> operations = call.places().stream()
                        .map(place -> vocabulary.operation(place.symbol()))
                        .distinct()
                        .toList();
                unknown.add(new UnknownOutcome(Objects.requireNonNull(call.id()), operations, call.unknownMillis()));
            }
        }
        return unknown;
    }

    @Override
    public SequenceState returned(
            SequenceState state, String decision, List<AnswerValues.Named> values, AnswerValues keyed, long nowMillis) {
        SequencePosition position = (SequencePosition) state;
        InFlight call = position.returning(InFlight.hash(decision));
        if (call == null) {
            return position;
        }
        SequencePosition known = position.without(call);
        return watched.isEmpty() || values.isEmpty()
                ? known
                : known.with(known.kept.answered(watched, call.places(), values, keyed, call.unknownMillis()));
    }

    @Override
    public boolean remembers(AnswerValues.Named value) {
        return remembered.getOrDefault(value.operation(), Set.of()).contains(value.name());
    }

    @Override
    public SequenceState giveBack(SequenceState state, String decision, long nowMillis) {
        SequencePosition position = (SequencePosition) state;
        InFlight call = position.open(InFlight.hash(decision));
        return call == null ? position : settling.giveBack(position, call, nowMillis);
    }

    @Override
    public SequenceState expire(SequenceState state, long nowMillis) {
        return settling.expire((SequencePosition) state, nowMillis);
    }

    @Override
    public Set<String> returns(String operation) {
        return returns.getOrDefault(operation, Set.of());
    }

    @Override
    public @Nullable PlanView view(SequenceState state, long nowMillis) {
        return plan == null ? null : plan.view(settling.expire((SequencePosition) state, nowMillis));
    }

    /**
     * The same state with no count above a bound. To a rule for which all higher counts are alike, it is the same state
     * as long as no call is given back.
     */
    public SequenceState countingTo(SequenceState state, long most) {
        SequencePosition position = (SequencePosition) state;
        return position.withTallies(
                position.tallies.stream().map(tally -> tally.countingTo(most)).toList());
    }

    @Override
    public byte[] write(SequenceState state) {
        return codec.write((SequencePosition) state);
    }

    @Override
    public SequenceState read(byte[] written) {
        return codec.read(written);
    }
}
