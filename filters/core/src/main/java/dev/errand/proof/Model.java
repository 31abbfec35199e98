package dev.errand.proof;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.operation.Operation;
import dev.errand.proof.Search.Part;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.PlanStep;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceCompiler.Interleaved;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Reaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a world as components: the plan, each rule, and flow. A part permits everything that the template permits
 * at any time and with any data; in its strict form, only what it permits at once and without data. Not thread-safe.
 */
final class Model {
    /** The kinds of rules that object to a call for what was called before: they never object to a fresh value. */
    static final Set<String> RESTRICTING = Set.of("absence", "bounded", "sum", "distinct");

    private static final Set<String> KNOWN = Set.of("precedence", "previous", "from");
    private static final int MOST_STATES = 6_000;

    private final World world;
    private final List<Letter> letters;
    private final boolean cut;
    private final TaskPolicy policy;
    private final List<Rule> rules;
    private final Map<Integer, @Nullable Part> usual = new HashMap<>();
    private final Map<Integer, @Nullable Part> strict = new HashMap<>();

    Model(World world, List<Letter> letters) {
        this(world, letters, false);
    }

    /** @param cut whether calls have more combinations of values than these letters */
    Model(World world, List<Letter> letters, boolean cut) {
        this.world = world;
        this.cut = cut;
        this.letters = List.copyOf(letters);
        this.policy = world.template().enforced();
        this.rules = rules(policy.sequence());
    }

    static List<Rule> rules(SequencePolicy sequence) {
        return sequence instanceof CompiledSequence compiled
                ? compiled.rules().stream().map(RuleMonitor::rule).toList()
                : List.of();
    }

    World world() {
        return world;
    }

    List<Letter> letters() {
        return letters;
    }

    /** Whether its letters are too few to show that something never happens. */
    boolean isCut() {
        return cut;
    }

    List<Rule> rules() {
        return rules;
    }

    /** The places of all parts that may object. */
    List<Integer> places() {
        List<Integer> places = new ArrayList<>();
        if (hasPlan()) {
            places.add(Part.PLAN);
        }
        if (policy.flow() == TaskPolicy.Flow.ENFORCE) {
            places.add(Part.FLOW);
        }
        for (int i = 0; i < rules.size(); i++) {
            if (!rules.get(i).observe()) {
                places.add(i);
            }
        }
        return places;
    }

    boolean hasPlan() {
        return policy.sequence() instanceof CompiledSequence compiled
                && compiled.automaton().isPresent();
    }

    /** Whether a human may let pass what the part objects to. */
    boolean asks(int place) {
        Reaction reaction = place == Part.PLAN
                ? policy.reactions().sequence()
                : place == Part.FLOW
                        ? policy.reactions().flow()
                        : policy.reactions().rule(place);
        return policy.ask() != null && reaction == Reaction.ASK;
    }

    /** Where the part was written. */
    Position at(int place) {
        return place == Part.PLAN
                ? world.lines().at("sequence")
                : place == Part.FLOW
                        ? world.lines().at("flow")
                        : rules.get(place).position();
    }

    /**
     * The part of that place; null if it may permit everything.
     *
     * @param strictly in its strict form
     */
    @Nullable Part part(int place, boolean strictly) {
        Map<Integer, @Nullable Part> known = strictly ? strict : usual;
        if (!known.containsKey(place)) {
            Component component = place == Part.PLAN
                    ? plan()
                    : place == Part.FLOW ? new FlowComponent(policy, letters.size(), strictly) : rule(place, strictly);
            known.put(place, component == null ? null : new Part(component, place, asks(place)));
        }
        return known.get(place);
    }

    private MonitorComponent plan() {
        return new MonitorComponent(
                planOf(world.lines()),
                (letter, met) -> List.of(letter.move()),
                letter -> false,
                Long.MAX_VALUE,
                letters.size(),
                MOST_STATES,
                false);
    }

    /** The policy of a template's plan. */
    static SequencePolicy planOf(YamlMap lines) {
        SequenceParser.Written written = SequenceParser.read(lines, new Faults());
        return compiled(written.steps(), written.interleaved(), List.of());
    }

    /** The component of another policy's plan. */
    MonitorComponent property(SequencePolicy plan, MonitorComponent.Calls calls) {
        return new MonitorComponent(plan, calls, letter -> false, Long.MAX_VALUE, letters.size(), MOST_STATES, true);
    }

    /** The flow rule of another policy. */
    Component flow(TaskPolicy other) {
        return new FlowComponent(other, letters.size(), true);
    }

    static SequencePolicy policy(Rule rule) {
        return compiled(List.of(), List.of(), List.of(rule));
    }

    private static SequencePolicy compiled(List<PlanStep> steps, List<Interleaved> anytime, List<Rule> rules) {
        return SequenceCompiler.compile(steps, anytime, rules, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT)
                        instanceof SequenceCompiler.Compilation.Compiled done
                ? done.policy()
                : SequencePolicy.ANY_ORDER;
    }

    /** Whether a rule decides by the time that passed, or by what answers returned. */
    boolean isOpen(int place) {
        if (place < 0) {
            return place == Part.FLOW && !policy.fixed().sources().isEmpty();
        }
        Rule rule = rules.get(place);
        String kind = rule.terms().kind();
        return kind.equals("from")
                || rule.withoutAnswers() != null
                || (!KNOWN.contains(kind) && !RESTRICTING.contains(kind))
                || rule.terms().isWindowed(world.template().lifetime().toMillis());
    }

    private @Nullable Component rule(int place, boolean strictly) {
        Rule written = rules.get(place);
        // Whatever answers said, a call passes only if the operation that answers happened before.
        Rule without = strictly ? null : written.withoutAnswers();
        Rule rule = without == null ? written : without;
        String kind = rule.terms().kind();
        boolean restricting = RESTRICTING.contains(kind);
        if (rule.observe()) {
            return null;
        }
        if (!strictly) {
            if (kind.equals("from")) {
                return new SourceComponent(rule, letters.size());
            }
            boolean passes = restricting
                    && rule.terms().isWindowed(world.template().lifetime().toMillis());
            if (passes || (!restricting && !KNOWN.contains(kind))) {
                return null;
            }
        }
        return new MonitorComponent(
                policy(rule.untimed()),
                (letter, met) -> looksAt(rule, letter) ? List.of(letter.move()) : List.of(),
                letter -> false,
                highest(rule),
                letters.size(),
                MOST_STATES,
                false);
    }

    /** The highest count that a rule tells apart from higher ones. */
    private static long highest(Rule rule) {
        return switch (rule.terms().kind()) {
            case "absence", "distinct" -> 1;
            case "bounded" -> rule.terms().atMost();
            case "sum" -> rule.terms().atMost() + 1;
            default -> Long.MAX_VALUE;
        };
    }

    /** Whether a rule can object to a call, or count it, so that it matters: a restricting rule knows no fresh value. */
    private static boolean looksAt(Rule rule, Letter letter) {
        String kind = rule.terms().kind();
        if (!rule.looksAtAll() && !rule.operations().contains(letter.operation())) {
            return false;
        }
        if (!RESTRICTING.contains(kind)) {
            return true;
        }
        String of = rule.terms().of();
        return rule.same().stream().noneMatch(letter.others()::contains)
                && !(kind.equals("distinct") && of != null && letter.others().contains(of));
    }

    /** The component of a property in the form of a rule. */
    MonitorComponent property(Rule rule, MonitorComponent.Calls calls, int most) {
        String of = rule.terms().of();
        boolean counts = rule.terms().kind().equals("distinct");
        return new MonitorComponent(
                policy(rule.untimed()),
                calls,
                letter -> counts
                        && of != null
                        && letter.others().contains(of)
                        && !calls.of(letter, 0).isEmpty(),
                highest(rule),
                letters.size(),
                most,
                true);
    }

    /** The flow rule: the state is 1 once untrusted content has reached the task. */
    private static final class FlowComponent extends Component {
        private final TaskPolicy policy;
        private final boolean withoutAnswers;

        FlowComponent(TaskPolicy policy, int letters, boolean withoutAnswers) {
            super(letters, false);
            this.withoutAnswers = withoutAnswers;
            this.policy = policy;
        }

        @Override
        boolean judge(int state, Letter letter) {
            Operation operation = letter.granted().operation();
            return state == 1
                    && !(withoutAnswers
                            ? policy.fixed().lets(operation)
                            : policy.fixed().mayLet(operation));
        }

        @Override
        int move(int state, Letter letter, Outcome outcome) {
            return letter.granted().operation().yieldsUntrusted() ? 1 : state;
        }
    }

    /** A rule over returned values: the state is 1 once an operation happened that may return such a value. */
    private static final class SourceComponent extends Component {
        private final Rule rule;

        SourceComponent(Rule rule, int letters) {
            super(letters, false);
            this.rule = rule;
        }

        @Override
        boolean judge(int state, Letter letter) {
            boolean target = !rule.looksAt(letter.operation()).isEmpty();
            return target && (state == 0 || lacks(letter));
        }

        private boolean lacks(Letter letter) {
            return rule.looksAt(letter.operation()).stream()
                    .anyMatch(slot -> letter.arguments().get(slot.name()) == null);
        }

        @Override
        int move(int state, Letter letter, Outcome outcome) {
            boolean source = !rule.returns(letter.operation()).isEmpty();
            return source && outcome == Outcome.HAPPENED ? 1 : state;
        }
    }
}
