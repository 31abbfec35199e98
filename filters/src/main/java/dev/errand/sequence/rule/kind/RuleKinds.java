package dev.errand.sequence.rule.kind;

import dev.errand.config.Keys;
import dev.errand.config.Shape;
import dev.errand.sequence.rule.RuleKeys;
import dev.errand.sequence.rule.RuleKind;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kinds of rules that a template may have. Immutable.
 *
 * @param list in the order in which messages name them
 */
public record RuleKinds(List<RuleKind> list) {
    /** The kinds of the product; each further kind is one line here. */
    public static final RuleKinds ALL = new RuleKinds(List.of(
            Absence.KIND, Precedence.KIND, Bounded.KIND, Sum.KIND, Distinct.KIND, Previous.KIND, Returned.KIND));

    public RuleKinds {
        list = List.copyOf(list);
    }

    /** Their names. */
    public List<String> names() {
        return list.stream().map(RuleKind::name).toList();
    }

    /** What one rule may be. */
    public Shape shape() {
        return Shape.either(list.stream().map(RuleKind::keys).toArray(Shape[]::new));
    }

    /** The keys of all kinds whose value is an operation's id. */
    public Set<String> operationKeys() {
        return keys(RuleKeys.OPERATION);
    }

    /** The keys of all kinds whose value is a map of operations' ids. */
    public Set<String> valueKeys() {
        return keys(RuleKeys.VALUE_OF);
    }

    private Set<String> keys(Shape shape) {
        return list.stream()
                .flatMap(kind -> kind.keys().list().stream())
                .filter(key -> key.shape() == shape)
                .map(Keys.Key::name)
                .collect(Collectors.toUnmodifiableSet());
    }
}
