package dev.errand.offline.scenario;

import dev.errand.config.Position;
import dev.errand.json.Printable;

/**
 * A difference between a scenario and its expectation.
 *
 * @param at the place of the call, or of the part of the scenario that prevents the start
 * @param message the expected result, the actual result, and the line that decided
 */
public record Difference(Position at, String message) {
    @Override
    public String toString() {
        return Printable.line(at + ": " + message);
    }
}
