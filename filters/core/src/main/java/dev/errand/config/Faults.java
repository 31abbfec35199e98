package dev.errand.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects all faults and warnings of a configuration instead of stopping at the first fault. A configuration with a
 * fault is refused; one with only warnings is accepted. Not thread-safe: one for each load.
 */
public final class Faults {
    private final List<Fault> list = new ArrayList<>();
    private final List<Fault> warnings = new ArrayList<>();

    public void add(Position at, String message) {
        list.add(Fault.of(at, message));
    }

    public void add(Fault fault) {
        list.add(fault);
    }

    /** Adds a warning: the configuration is taken, but the operator should look at this place. */
    public void warn(Position at, String message) {
        warnings.add(Fault.of(at, message));
    }

    /** Adds a warning unless the same message was added before. */
    public void warnOnce(Position at, String message) {
        if (warnings.stream().noneMatch(warning -> warning.message().equals(message))) {
            warn(at, message);
        }
    }

    /** Adds the faults and the warnings of another load. */
    public void addAll(Faults others) {
        list.addAll(others.list);
        warnings.addAll(others.warnings);
    }

    /** Whether there is no fault; warnings do not count. */
    public boolean isEmpty() {
        return list.isEmpty();
    }

    /** The number of faults. A reader compares it before and after a part to learn whether the part was valid. */
    public int count() {
        return list.size();
    }

    /** The faults, in the order found. */
    public List<Fault> list() {
        return List.copyOf(list);
    }

    /** The warnings, in the order found. */
    public List<Fault> warnings() {
        return List.copyOf(warnings);
    }

    /** One fault a line. */
    @Override
    public String toString() {
        return String.join("\n", list.stream().map(Fault::toString).toList());
    }
}
