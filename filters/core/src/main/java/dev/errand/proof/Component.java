package dev.errand.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One part of a model: the plan, one rule, flow, or a property. Its states are numbered, 0 is the start. What was
 * computed once is kept. Not thread-safe.
 */
abstract class Component {
    /** The state of a component that has too many of them: it says no more than that it does not know. */
    static final int LOST = Integer.MAX_VALUE;

    private static final int OUTCOMES = Outcome.values().length;
    private static final int UNKNOWN = -1;

    private final List<int[]> rows = new ArrayList<>();
    private final int letters;
    private final boolean lostObjects;

    /** @param lostObjects whether it objects once it is lost: yes for a property, no for a part of a template */
    Component(int letters, boolean lostObjects) {
        this.letters = letters;
        this.lostObjects = lostObjects;
    }

    /** Whether it objects to a call. */
    final boolean objects(int state, Letter letter) {
        if (state == LOST) {
            return lostObjects;
        }
        int[] row = row(state);
        int cell = letter.number() * (OUTCOMES + 1);
        if (row[cell] == UNKNOWN) {
            row[cell] = judge(state, letter) ? 1 : 0;
        }
        return row[cell] == 1;
    }

    /** The state after a permitted call. */
    final int next(int state, Letter letter, Outcome outcome) {
        if (state == LOST) {
            return LOST;
        }
        int[] row = row(state);
        int cell = letter.number() * (OUTCOMES + 1) + 1 + outcome.ordinal();
        if (row[cell] == UNKNOWN) {
            row[cell] = move(state, letter, outcome);
        }
        return row[cell];
    }

    private int[] row(int state) {
        while (rows.size() <= state) {
            int[] row = new int[letters * (OUTCOMES + 1)];
            Arrays.fill(row, UNKNOWN);
            rows.add(row);
        }
        return rows.get(state);
    }

    abstract boolean judge(int state, Letter letter);

    abstract int move(int state, Letter letter, Outcome outcome);
}
