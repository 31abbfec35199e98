package dev.errand.offline.replay;

import dev.errand.template.Template;
import java.util.ArrayList;
import java.util.List;

/**
 * The permitted calls that a template refuses: how many, and the first of them. Immutable.
 *
 * @param count how many there are
 * @param first the first {@value #MOST} of them, in the order of the log; a template that fits no run refuses all calls
 */
public record RefusedCalls(long count, List<Redecision> first) {
    /** How many are kept. */
    public static final int MOST = 1_000;

    public RefusedCalls {
        first = List.copyOf(first);
    }

    static RefusedCalls of(Replay replay, List<RecordedTask> tasks, Template template) {
        List<Redecision> first = new ArrayList<>();
        long count = 0;
        for (RecordedTask task : tasks) {
            for (Redecision one : replay.of(task, template)) {
                if (one.disturbs()) {
                    count++;
                    if (first.size() < MOST) {
                        first.add(one);
                    }
                }
            }
        }
        return new RefusedCalls(count, first);
    }

    /** Whether the template refuses none. */
    public boolean isEmpty() {
        return count == 0;
    }
}
