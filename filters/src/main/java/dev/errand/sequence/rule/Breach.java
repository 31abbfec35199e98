package dev.errand.sequence.rule;

import java.util.List;

/**
 * A rule's objection to a call.
 *
 * @param waits whether it may fit later, when calls in flight are answered or the rule has room: never a reason to
 *     interrupt
 * @param detail one sentence
 * @param trace the shortest sequence of operations that shows it
 */
public record Breach(boolean waits, String detail, List<String> trace) {
    public Breach {
        trace = List.copyOf(trace);
    }
}
