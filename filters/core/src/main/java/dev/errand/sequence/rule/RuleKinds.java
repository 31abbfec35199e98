package dev.errand.sequence.rule;

import dev.errand.config.Shape;
import java.util.List;

/**
 * The kinds of rules that a template may have. Immutable.
 *
 * @param list in the order in which messages name them
 */
public record RuleKinds(List<RuleKind> list) {
    /** All kinds of the gateway; each further kind needs one line here. */
    public static final RuleKinds ALL = new RuleKinds(List.of(
            Absence.KIND,
            Precedence.KIND,
            Bounded.KIND,
            Sum.KIND,
            Distinct.KIND,
            Previous.KIND,
            Returned.KIND,
            Answered.KIND));

    public RuleKinds {
        list = List.copyOf(list);
    }

    public List<String> names() {
        return list.stream().map(RuleKind::name).toList();
    }

    /** The shape of one rule, of any kind. */
    public Shape shape() {
        return Shape.either(list.stream().map(RuleKind::keys).toArray(Shape[]::new));
    }
}
