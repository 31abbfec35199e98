package dev.errand.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects every fault and every warning of a configuration instead of stopping at the first. A configuration with a fault
 * is refused; one with warnings only is taken. Not thread-safe: one per load.
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

    /** Adds the faults and the warnings of another load. */
    public void addAll(Faults others) {
        list.addAll(others.list);
        warnings.addAll(others.warnings);
    }

    /** Whether there is no fault; warnings do not count. */
    public boolean isEmpty() {
        return list.isEmpty();
    }

    /** How many there are: a reader compares it before and after to learn whether a part was good. */
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
