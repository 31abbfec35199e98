package dev.errand.sequence;

import java.util.List;

/**
 * What a plan allows in the current state of its task.
 *
 * @param states the number of the plan's states
 * @param allows the operations, sorted by id, of the steps that fit whatever the outcomes of the calls are that are in flight
 *     or unknown;
 *     {@code same} may restrict their arguments further
 * @param interleave the operations that fit in any state
 */
public record PlanView(int states, List<String> allows, List<String> interleave) {
    public PlanView {
        allows = List.copyOf(allows);
        interleave = List.copyOf(interleave);
    }
}
