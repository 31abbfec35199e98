package dev.errand.offline.scenario;

import dev.errand.config.Position;
import dev.errand.text.Printable;

/**
 * Where a scenario did not go as expected.
 *
 * @param at the call, or the part of the scenario that does not start
 * @param message what was expected, what came, and the line that decided
 */
public record Difference(Position at, String message) {
    @Override
    public String toString() {
        return Printable.line(at + ": " + message);
    }
}
