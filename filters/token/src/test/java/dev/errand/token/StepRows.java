package dev.errand.token;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Rows of a table of presentations, each with the step that it is about and what it must come to. */
final class StepRows {
    private record Row(String step, String what, String expected, Presentation presentation) {}

    private final List<Row> rows = new ArrayList<>();

    /** Tokens under which the default call is permitted. */
    StepRows permits(String step, String what, TestToken... tokens) {
        return permits(step, what, Presentation.of(tokens));
    }

    StepRows permits(String step, String what, Presentation presentation) {
        rows.add(new Row(step, what, Presentation.PERMIT, presentation));
        return this;
    }

    /** Tokens under which the default call is refused at that step. */
    StepRows denies(String step, String what, TestToken... tokens) {
        return denies(step, what, Presentation.of(tokens));
    }

    StepRows denies(String step, String what, Presentation presentation) {
        return denies(step, step, what, presentation);
    }

    /** A presentation about one step that an earlier one refuses. */
    StepRows denies(String step, String at, String what, Presentation presentation) {
        rows.add(new Row(step, what, at, presentation));
        return this;
    }

    Stream<Arguments> arguments() {
        return rows.stream().map(row -> Arguments.of(row.step, row.what, row.expected, row.presentation));
    }

    /** The steps that have a row which is permitted, or one which is refused. */
    Set<String> steps(boolean permitted) {
        return rows.stream()
                .filter(row -> row.expected.equals(Presentation.PERMIT) == permitted)
                .map(Row::step)
                .collect(Collectors.toSet());
    }
}
