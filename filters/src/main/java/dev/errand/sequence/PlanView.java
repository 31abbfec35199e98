package dev.errand.sequence;

import java.util.List;

/**
 * What a plan allows, as its task stands.
 *
 * @param states how many states it has
 * @param allows the operations of its steps that fit whichever of the calls in flight happen, in the order of their ids; what
 *     {@code same} binds may narrow their arguments
 * @param interleave the operations that fit in any state
 */
public record PlanView(int states, List<String> allows, List<String> interleave) {
    public PlanView {
        allows = List.copyOf(allows);
        interleave = List.copyOf(interleave);
    }
}
