package dev.errand.proof;

import dev.errand.config.Position;
import org.jspecify.annotations.Nullable;

/** What a proof found about a property of a template. */
public sealed interface Verdict {
    /** The property holds for every run. */
    record Holds() implements Verdict {}

    /** It does not hold. */
    record Fails(Run run) implements Verdict {}

    /**
     * What must be possible is not.
     *
     * @param call the number of the first call that no run has, from 1
     * @param operation of that call
     * @param objects what objects to it
     */
    record Impossible(int call, String operation, Position objects) implements Verdict {}

    /**
     * Whether it holds depends on time or data.
     *
     * @param decides the rule that would have to decide
     * @param run the shortest run that breaks the property unless that rule refuses it
     * @param plays whether the run can be played with some time and data
     */
    record Unshown(Position decides, Run run, boolean plays) implements Verdict {}

    /**
     * There was not enough time, or there are too many combinations of values.
     *
     * @param help what may decide it
     */
    record Undecided(String help) implements Verdict {}

    /** What is told of it, after the name of the property; null if it holds. */
    default @Nullable String told(String template) {
        if (this instanceof Fails fails) {
            return "does not hold for " + template + ": shortest run: " + fails.run;
        } else if (this instanceof Impossible impossible) {
            return "cannot happen for " + template + ": call " + impossible.call + ", " + impossible.operation + ": "
                    + impossible.objects + " objects";
        } else if (this instanceof Unshown unshown) {
            return "cannot be shown for " + template + ": " + unshown.decides + " would have to decide: shortest run: "
                    + unshown.run;
        }
        return this instanceof Undecided undecided ? "not decided for " + template + ": " + undecided.help : null;
    }
}
