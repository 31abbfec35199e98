package dev.errand.proof;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Operation;
import dev.errand.proof.Search.Part;
import dev.errand.proof.Search.Step;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequencePolicy.Judged;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Rule;
import dev.errand.task.TaskPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Plays a run of letters against the whole policy of the template, with a value for each {@link Letter#OTHER}: if it goes
 * through, the run is real. Used once; not thread-safe.
 */
final class Simulation {
    private static final long BEGIN = 1_767_225_600_000L;
    private static final int MOST_PLAYED = 40_000;
    /** A longer run says only that a part has too many states. */
    private static final int MOST_CALLS = 2_000;

    private final Model model;
    private final List<Step> steps;
    private final End end;
    private final TaskPolicy policy;
    private final List<Rule> rules;
    /** Whether time may pass, and answers return what later calls need. */
    private final boolean freely;

    private final List<Long> waits = new ArrayList<>();
    private int deepest;
    private boolean guesses;
    private final Set<Integer> blockers = new TreeSet<>();
    private @Nullable String blockingStep;

    /**
     * What the last call must be.
     *
     * @param approved whether a call that a human may let pass is permitted
     * @param unasked whether no human may be asked about it
     * @param objecting the part that must object to it; null if it must be permitted
     * @param broken the property that must object to it; null if there is none
     * @param calls how the property sees calls
     * @param delay before the last call, if this is needed; milliseconds
     */
    record End(
            boolean approved,
            boolean unasked,
            @Nullable Integer objecting,
            @Nullable SequencePolicy broken,
            @Nullable Seen calls,
            long delay) {
        /** The operations of a call as a property sees them. */
        interface Seen {
            List<Move> of(Letter letter, JsonObject arguments);
        }

        static final End PERMITTED = new End(true, false, null, null, null, 0);
    }

    /**
     * How a rehearsal went.
     *
     * @param run the run; null if it does not go through
     * @param blockers the parts that object to a call of it
     * @param at the number of the call at which it ends, from 0
     * @param step where the step of the plan was written that objects to that call; null if there is none
     */
    record Played(
            @Nullable Run run,
            Set<Integer> blockers,
            int at,
            @Nullable String step) {}

    private record Frame(
            int at,
            SequenceState state,
            @Nullable SequenceState property,
            boolean tainted,
            long now,
            @Nullable Frame before,
            @Nullable Made made) {}

    private record Made(JsonObject arguments, boolean approved, long delay) {}

    Simulation(Model model, List<Step> steps, End end, boolean freely) {
        this.model = model;
        this.steps = steps;
        this.end = end;
        this.freely = freely;
        this.policy = model.world().template().enforced();
        this.rules = model.rules();
        if (freely) {
            Set<Long> windows = new TreeSet<>();
            long lifetime = model.world().template().lifetime().toMillis();
            rules.stream()
                    .filter(rule -> rule.terms().isWindowed(lifetime))
                    .forEach(rule -> windows.add(rule.terms().windowMillis() + 1));
            waits.addAll(windows);
        }
    }

    Played play() {
        if (steps.size() > MOST_CALLS) {
            return new Played(null, Set.of(), 0, null);
        }
        SequencePolicy property = end.broken;
        Deque<Frame> open = new ArrayDeque<>();
        open.push(new Frame(
                0, policy.sequence().start(), property == null ? null : property.start(), false, BEGIN, null, null));
        int played = 0;
        while (!open.isEmpty() && played++ < MOST_PLAYED) {
            Frame frame = open.pop();
            if (frame.at == steps.size()) {
                return new Played(run(frame), Set.of(), frame.at, null);
            }
            List<Frame> next = new ArrayList<>();
            for (JsonObject arguments : arguments(frame)) {
                for (long delay : delays(frame)) {
                    Frame after = step(frame, arguments, delay, property);
                    if (after != null) {
                        next.add(after);
                    }
                }
            }
            for (int i = next.size() - 1; i >= 0; i--) {
                open.push(next.get(i));
            }
        }
        return new Played(null, Set.copyOf(blockers), deepest, blockingStep);
    }

    private List<Long> delays(Frame frame) {
        List<Long> all = new ArrayList<>(List.of(0L));
        if (frame.at == steps.size() - 1 && end.delay > 0) {
            all.add(end.delay);
        }
        all.addAll(waits);
        long left = BEGIN + model.world().template().lifetime().toMillis() - frame.now;
        all.removeIf(delay -> delay >= left);
        return all;
    }

    private @Nullable Frame step(Frame frame, JsonObject arguments, long delay, @Nullable SequencePolicy property) {
        Step step = steps.get(frame.at);
        Letter letter = step.letter();
        boolean last = frame.at == steps.size() - 1;
        long now = frame.now + delay;
        SequencePolicy sequence = policy.sequence();
        String decision = "d" + frame.at;
        Judged judged = sequence.judge(
                frame.state, List.of(letter.move(letter.operation(), arguments)), AnswerValues.NONE, decision, now);
        Set<Integer> against = against(judged, letter, frame.tainted);
        if (frame.at >= deepest && against.contains(Part.PLAN)) {
            blockingStep = judged.objections().get(0).rule();
        }
        boolean asked = letter.asked();
        Set<Integer> refusing = new TreeSet<>();
        for (int place : against) {
            if (model.asks(place) && end.approved) {
                asked = true;
            } else {
                refusing.add(place);
            }
        }
        if (last && end.objecting != null) {
            if (!against.contains(end.objecting)) {
                return blocked(frame.at, Set.of());
            }
            return new Frame(
                    frame.at + 1,
                    frame.state,
                    frame.property,
                    frame.tainted,
                    now,
                    frame,
                    new Made(arguments, false, delay));
        }
        if (!refusing.isEmpty() || (last && end.unasked && asked)) {
            return blocked(frame.at, refusing.isEmpty() ? against : refusing);
        }
        SequenceState told = frame.property;
        if (property != null && end.calls != null) {
            List<Move> moves = end.calls.of(letter, arguments);
            if (!moves.isEmpty()) {
                Judged seen = property.judge(Objects.requireNonNull(told), moves, AnswerValues.NONE, decision, now);
                if (last && seen.objections().isEmpty()) {
                    return blocked(frame.at, Set.of());
                }
                told = property.settle(seen.next(), decision, step.outcome() == Outcome.HAPPENED, now);
            } else if (last) {
                return blocked(frame.at, Set.of());
            }
        }
        return new Frame(
                frame.at + 1,
                sequence.settle(judged.next(), decision, step.outcome() == Outcome.HAPPENED, now),
                told,
                frame.tainted || letter.granted().operation().yieldsUntrusted(),
                now,
                frame,
                new Made(arguments, asked, delay));
    }

    private @Nullable Frame blocked(int at, Set<Integer> by) {
        if (at > deepest) {
            deepest = at;
            blockers.clear();
        }
        if (at == deepest) {
            blockers.addAll(by);
        }
        return null;
    }

    /** The parts that object. */
    private Set<Integer> against(Judged judged, Letter letter, boolean tainted) {
        Set<Integer> places = new TreeSet<>();
        for (Objection each : judged.objections()) {
            int place = each.kind().byPlan() ? Part.PLAN : each.place();
            if (!freely || place < 0 || !isOfData(place)) {
                places.add(place);
            }
        }
        Operation operation = letter.granted().operation();
        boolean flows = policy.flow() == TaskPolicy.Flow.ENFORCE
                && tainted
                && !policy.fixed().lets(operation);
        if (flows && freely && policy.fixed().mayLet(operation)) {
            guesses = true;
        } else if (flows) {
            places.add(Part.FLOW);
        }
        return places;
    }

    private boolean isOfData(int place) {
        String kind = rules.get(place).terms().kind();
        guesses |= rules.get(place).withoutAnswers() != null;
        return kind.equals("from") || kind.isEmpty() || rules.get(place).withoutAnswers() != null;
    }

    /** Whether a call goes through only if an earlier answer said what is demanded; the run does not have what it said. */
    boolean guesses() {
        return guesses;
    }

    /** The arguments that the call may have: for each open one a value of an earlier call, or a fresh one. */
    private List<JsonObject> arguments(Frame frame) {
        Letter letter = steps.get(frame.at).letter();
        List<Map<String, JsonValue>> all =
                new ArrayList<>(List.of(letter.arguments().members()));
        for (String name : new TreeSet<>(letter.others())) {
            Set<JsonValue> options = options(frame, letter, name);
            List<Map<String, JsonValue>> more = new ArrayList<>();
            for (Map<String, JsonValue> each : all) {
                for (JsonValue option : options) {
                    Map<String, JsonValue> next = new LinkedHashMap<>(each);
                    next.put(name, option);
                    if (more.size() < 64) {
                        more.add(next);
                    }
                }
            }
            all = more;
        }
        return all.stream().map(JsonObject::new).toList();
    }

    private Set<JsonValue> options(Frame frame, Letter letter, String name) {
        Set<JsonValue> told = new HashSet<>();
        for (Letter each : model.letters()) {
            JsonValue value = each.arguments().get(name);
            if (value != null && value != Letter.OTHER) {
                told.add(value);
            }
        }
        Set<JsonValue> used = new LinkedHashSet<>();
        for (Frame at = frame; at != null && used.size() < 12; at = at.before) {
            JsonValue value = at.made == null ? null : at.made.arguments.get(name);
            if (value != null && !told.contains(value) && letter.granted().admits(name, value)) {
                used.add(value);
            }
        }
        Set<JsonValue> all = new LinkedHashSet<>();
        Set<JsonValue> taken = new HashSet<>(told);
        for (Frame at = frame; at != null; at = at.before) {
            JsonValue value = at.made == null ? null : at.made.arguments.get(name);
            if (value != null) {
                taken.add(value);
            }
        }
        var constraint = letter.granted().constraint(name);
        List<JsonValue> samples =
                constraint == null ? Samples.names(taken.size() + 1) : Samples.of(constraint, taken.size() + 1);
        samples.stream().filter(each -> !taken.contains(each)).limit(1).forEach(all::add);
        all.addAll(used);
        return all;
    }

    private Run run(Frame last) {
        List<Frame> frames = new ArrayList<>();
        for (Frame at = last; at.made != null; at = Objects.requireNonNull(at.before)) {
            frames.add(0, at);
        }
        List<Run.Call> calls = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            Made made = Objects.requireNonNull(frames.get(i).made);
            String operation = steps.get(i).letter().operation();
            boolean happened = steps.get(i).outcome() == Outcome.HAPPENED;
            calls.add(new Run.Call(
                    operation,
                    made.arguments,
                    happened,
                    made.approved,
                    made.delay,
                    happened && freely ? returns(operation, frames.subList(i + 1, frames.size()), i + 1) : Map.of(),
                    end.objecting != null && i == frames.size() - 1));
        }
        return of(model.world(), calls);
    }

    /** The values that the answer must return, so that later calls may have them. */
    private Map<String, List<JsonValue>> returns(String operation, List<Frame> later, int from) {
        Map<String, List<JsonValue>> values = new LinkedHashMap<>();
        for (Rule rule : rules) {
            for (String name : rule.returns(operation)) {
                for (int i = 0; i < later.size(); i++) {
                    String target = steps.get(from + i).letter().operation();
                    JsonObject arguments = Objects.requireNonNull(later.get(i).made).arguments;
                    rule.looksAt(target).forEach(slot -> {
                        JsonValue value = arguments.get(slot.name());
                        List<JsonValue> known = values.computeIfAbsent(name, each -> new ArrayList<>());
                        if (value != null && !known.contains(value)) {
                            known.add(value);
                        }
                    });
                }
            }
        }
        return values;
    }

    /** A run of a task in that world. */
    static Run of(World world, List<Run.Call> calls) {
        Map<String, Map<String, List<JsonValue>>> pinned = new HashMap<>();
        for (Run.Call call : calls) {
            Map<String, Boolean> names =
                    world.template().grants().pinned().byOperation().getOrDefault(call.operation(), Map.of());
            for (String name : names.keySet()) {
                JsonValue value = call.arguments().get(name);
                if (value != null) {
                    List<JsonValue> values = pinned.computeIfAbsent(call.operation(), each -> new LinkedHashMap<>())
                            .computeIfAbsent(name, each -> new ArrayList<>());
                    if (!values.contains(value)) {
                        values.add(value);
                    }
                }
            }
        }
        return new Run(world.template().name(), world.parameters(), pinned, calls);
    }

    /** The run as it stands, if it cannot be rehearsed. */
    static Run asIs(World world, List<Step> steps) {
        return of(
                world,
                steps.stream()
                        .map(step -> new Run.Call(
                                step.letter().operation(),
                                new JsonObject(Letter.shown(
                                        step.letter().granted(),
                                        step.letter().arguments().members())),
                                step.outcome() == Outcome.HAPPENED,
                                step.letter().asked(),
                                0,
                                Map.of(),
                                false))
                        .toList());
    }
}
