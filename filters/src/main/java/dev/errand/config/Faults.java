package dev.errand.config;

import java.util.ArrayList;
import java.util.List;

/** Collects every fault of a configuration instead of stopping at the first. Not thread-safe: one per load. */
public final class Faults {
    private final List<Fault> list = new ArrayList<>();

    public void add(Position at, String message) {
        list.add(Fault.of(at, message));
    }

    public void add(Fault fault) {
        list.add(fault);
    }

    public void addAll(Faults others) {
        list.addAll(others.list);
    }

    public boolean isEmpty() {
        return list.isEmpty();
    }

    /** How many there are: a reader compares it before and after to learn whether a part was good. */
    public int count() {
        return list.size();
    }

    /** In the order found. */
    public List<Fault> list() {
        return List.copyOf(list);
    }

    /** One fault a line. */
    @Override
    public String toString() {
        return String.join("\n", list.stream().map(Fault::toString).toList());
    }
}
