package dev.errand.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Searches the product of some parts of a model and a property, breadth first, so that what it finds is shortest. Used
 * once; not thread-safe.
 */
final class Search {
    private static final List<Outcome> OUTCOMES = List.of(Outcome.HAPPENED, Outcome.FAILED);

    private final List<Letter> letters;
    private final List<Part> parts;
    private final @Nullable Component property;
    private final boolean approved;
    private final long mostCalls;
    private final Deadline deadline;

    /**
     * A part of a template.
     *
     * @param place the number of the rule, or {@link #PLAN} or {@link #FLOW}
     * @param asks whether a human may let pass what it objects to
     */
    record Part(Component component, int place, boolean asks) {
        static final int PLAN = -1;
        static final int FLOW = -2;
    }

    /** One call of a run. */
    record Step(Letter letter, Outcome outcome) {}

    /** What is searched for. */
    interface Goal {
        /**
         * Whether the call reaches it.
         *
         * @param property the property's state before the call; 0 without a property
         * @param permitted whether the template permits the call
         * @param asked whether a human must let it pass
         */
        boolean reached(int property, Letter letter, boolean permitted, boolean asked);

        /** Whether this state of the property reaches it. */
        default boolean reached(int property) {
            return false;
        }
    }

    /** The result of a search. */
    sealed interface Result {
        /** A shortest run. */
        record Found(List<Step> run) implements Result {}

        /** No run reaches the goal. */
        record None() implements Result {}

        /** There was not enough time. */
        record Late() implements Result {}
    }

    private record Node(@Nullable Node before, @Nullable Step step, int depth, int[] states) {}

    private record Key(int[] states, int hash) {
        Key(int[] states) {
            this(states, Arrays.hashCode(states));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && Arrays.equals(states, key.states);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /**
     * @param approved whether a call that a human may let pass is permitted
     * @param mostCalls the most calls of a run
     */
    Search(
            List<Letter> letters,
            List<Part> parts,
            @Nullable Component property,
            boolean approved,
            long mostCalls,
            Deadline deadline) {
        this.letters = letters;
        this.parts = List.copyOf(parts);
        this.property = property;
        this.approved = approved;
        this.mostCalls = mostCalls;
        this.deadline = deadline;
    }

    Result run(Goal goal) {
        int last = parts.size();
        int[] start = new int[last + 1];
        List<Node> level = new ArrayList<>(List.of(new Node(null, null, 0, start)));
        Set<Key> seen = new HashSet<>(Set.of(new Key(start)));
        while (!level.isEmpty()) {
            List<Node> next = new ArrayList<>();
            for (Node node : level) {
                if (deadline.isOver()) {
                    return new Result.Late();
                }
                for (Letter letter : letters) {
                    boolean asked = letter.asked();
                    boolean permitted = node.depth < mostCalls;
                    for (int i = 0; i < last && permitted; i++) {
                        if (parts.get(i).component().objects(node.states[i], letter)) {
                            asked |= parts.get(i).asks();
                            permitted = parts.get(i).asks();
                        }
                    }
                    permitted &= approved || !asked;
                    if (goal.reached(node.states[last], letter, permitted, asked)) {
                        return found(new Node(node, new Step(letter, Outcome.HAPPENED), node.depth + 1, start));
                    }
                    if (permitted) {
                        Node reached = follow(node, letter, goal, seen, next);
                        if (reached != null) {
                            return found(reached);
                        }
                    }
                }
            }
            level = next;
        }
        return new Result.None();
    }

    private @Nullable Node follow(Node node, Letter letter, Goal goal, Set<Key> seen, List<Node> into) {
        int last = parts.size();
        for (Outcome outcome : OUTCOMES) {
            int[] after = new int[last + 1];
            for (int i = 0; i < last; i++) {
                after[i] = parts.get(i).component().next(node.states[i], letter, outcome);
            }
            after[last] = property == null ? 0 : property.next(node.states[last], letter, outcome);
            Node next = new Node(node, new Step(letter, outcome), node.depth + 1, after);
            if (goal.reached(after[last])) {
                return next;
            }
            if (seen.add(new Key(after))) {
                into.add(next);
            }
        }
        return null;
    }

    private static Result found(Node end) {
        LinkedList<Step> run = new LinkedList<>();
        for (Node at = end; at != null && at.step != null; at = at.before) {
            run.addFirst(at.step);
        }
        return new Result.Found(List.copyOf(run));
    }

    /** The most calls of a run; {@link Long#MAX_VALUE} if there is no end of them, -1 if there was not enough time. */
    long longest() {
        int last = parts.size();
        java.util.Map<Key, Integer> numbers = new java.util.HashMap<>();
        List<int[]> states = new ArrayList<>(List.of(new int[last + 1]));
        numbers.put(new Key(states.get(0)), 0);
        List<Set<Integer>> edges = new ArrayList<>();
        for (int at = 0; at < states.size(); at++) {
            if (deadline.isOver()) {
                return -1;
            }
            int[] from = states.get(at);
            Set<Integer> to = new HashSet<>();
            for (Letter letter : letters) {
                boolean asked = letter.asked();
                boolean permitted = true;
                for (int i = 0; i < last && permitted; i++) {
                    if (parts.get(i).component().objects(from[i], letter)) {
                        asked |= parts.get(i).asks();
                        permitted = parts.get(i).asks();
                    }
                }
                if (permitted && (approved || !asked)) {
                    for (Outcome outcome : OUTCOMES) {
                        int[] after = new int[last + 1];
                        for (int i = 0; i < last; i++) {
                            after[i] = parts.get(i).component().next(from[i], letter, outcome);
                        }
                        Integer known = numbers.putIfAbsent(new Key(after), states.size());
                        if (known == null) {
                            known = states.size();
                            states.add(after);
                        }
                        to.add(known);
                    }
                }
            }
            edges.add(to);
        }
        return longest(edges);
    }

    /** The longest walk from the first node. */
    private static long longest(List<Set<Integer>> edges) {
        int[] incoming = new int[edges.size()];
        edges.forEach(to -> to.forEach(each -> incoming[each]++));
        long[] length = new long[edges.size()];
        List<Integer> free = new ArrayList<>();
        if (incoming[0] == 0) {
            free.add(0);
        }
        int done = 0;
        long longest = 0;
        while (done < free.size()) {
            int at = free.get(done++);
            longest = Math.max(longest, length[at]);
            for (int each : edges.get(at)) {
                length[each] = Math.max(length[each], length[at] + 1);
                if (--incoming[each] == 0) {
                    free.add(each);
                }
            }
        }
        return done == edges.size() ? longest : Long.MAX_VALUE;
    }
}
