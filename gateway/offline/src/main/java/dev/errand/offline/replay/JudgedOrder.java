package dev.errand.offline.replay;

import dev.errand.denial.DenyReason;
import dev.errand.offline.replay.RecordedCall.Holder;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import dev.errand.offline.replay.RecordedTask.Interrupted;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the events of one task into the order of their steps. Records of calls that are judged at the same time may be made in
 * another order than their steps. So a call that did not find its task or token over, but was recorded just after a sign of that
 * end, was judged before it. Used once; not thread-safe.
 */
final class JudgedOrder {
    /** Of more ends within the tolerance only the newest are remembered. */
    private static final int MOST_ENDS = 256;

    private final boolean cutsTask;
    private final List<Event> ordered = new ArrayList<>();
    private final List<End> ends = new ArrayList<>();

    /**
     * A sign that the task or a token is over.
     *
     * @param place its place in the order
     * @param over the chain of that token, of which each longer chain is over, too; empty for the whole task
     */
    private record End(int place, long timeMillis, List<Holder> over) {
        boolean isOf(RecordedCall call) {
            return call.holders().size() >= over.size()
                    && call.holders().subList(0, over.size()).equals(over);
        }
    }

    private JudgedOrder(boolean cutsTask) {
        this.cutsTask = cutsTask;
    }

    /** @param cutsTask whether a call that interrupted ended the whole task, and not only its token; false if unknown */
    static List<Event> of(List<Event> recorded, boolean cutsTask) {
        JudgedOrder order = new JudgedOrder(cutsTask);
        recorded.forEach(order::add);
        return List.copyOf(order.ordered);
    }

    private void add(Event event) {
        ends.removeIf(end -> event.timeMillis() - end.timeMillis() > ReplayedState.TOLERANCE_MILLIS);
        int place = ordered.size();
        if (event instanceof Decided decided && !isOver(decided.call())) {
            for (End end : ends) {
                if (end.place() < place && end.isOf(decided.call())) {
                    place = end.place();
                }
            }
        }
        int at = place;
        ends.replaceAll(end -> end.place() < at ? end : new End(end.place() + 1, end.timeMillis(), end.over()));
        ordered.add(at, event);
        List<Holder> over = over(event);
        if (over != null
                && ends.stream().noneMatch(end -> end.place() < at && end.over().equals(over))) {
            ends.removeIf(end -> end.over().equals(over));
            ends.add(new End(at, event.timeMillis(), over));
            if (ends.size() > MOST_ENDS) {
                ends.remove(0);
            }
        }
    }

    /** What is over by this event, or null. */
    private @Nullable List<Holder> over(Event event) {
        if (event instanceof Interrupted) {
            return List.of();
        }
        if (!(event instanceof Decided decided)) {
            return null;
        }
        if (decided.call().interrupts()) {
            return cutsTask ? List.of() : decided.call().holders();
        }
        return isOver(decided.call()) ? decided.call().holders() : null;
    }

    private static boolean isOver(RecordedCall call) {
        return DenyReason.TASK_ENDED.code().equals(call.code());
    }
}
