package dev.errand.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Folded constraints: a narrower one stays narrower, and folding twice is folding once. */
class FoldedConstraintTest {
    private static final List<String> NAMES = List.of("a", "A", "b", "a/b", "A/b", "a/B", "B/a", "b/c", "a/b/c");
    private static final Folding FOLDING = new Folding(true, true);

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(28);

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private List<JsonString> names() {
        List<JsonString> names = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            names.add(new JsonString(name()));
        }
        return names;
    }

    private Constraint constraint(int depth) {
        return switch (random.nextInt(depth == 0 ? 5 : 7)) {
            case 0 -> new Exact(new JsonString(name()));
            case 1 -> OneOf.of(names());
            case 2 -> NotOneOf.of(names());
            case 3 -> new PathContainment(name());
            case 4 -> Wildcard.ANY;
            case 5 -> new All(List.of(constraint(0), constraint(0)));
            default -> new Any(List.of(constraint(0), constraint(0)));
        };
    }

    @Test
    void folded_ofANarrowerConstraint_isNarrower() {
        int compared = 0;
        for (int i = 0; i < 200_000; i++) {
            Constraint parent = constraint(1);
            Constraint child = constraint(1);
            if (!parent.subsumes(child)) {
                continue;
            }
            compared++;
            for (String name : NAMES) {
                JsonString value = new JsonString(FOLDING.of(name));
                if (child.folded(FOLDING).check(value)) {
                    assertThat(parent.folded(FOLDING).check(value))
                            .as("%s within %s of %s", child, parent, name)
                            .isTrue();
                }
            }
        }
        assertThat(compared).isGreaterThan(1_000);
    }

    @Test
    void folded_twice_isFoldedOnce() {
        for (int i = 0; i < 1_000; i++) {
            Constraint once = constraint(1).folded(FOLDING);
            assertThat(once.folded(FOLDING)).isEqualTo(once);
        }
    }
}
