package dev.errand.task.record;

import dev.errand.task.Task;
import java.util.Set;

/** The outcome of reading a task's record; {@link TaskFormats#read}. */
public sealed interface Reading {
    /** Everything that the steps need is there. */
    record Whole(Task task) implements Reading {}

    /** Parts that the steps need are missing: they must be fetched, by these names. */
    record Lacks(Set<String> parts) implements Reading {
        public Lacks {
            parts = Set.copyOf(parts);
        }
    }
}
