package dev.errand.policy;

import dev.errand.config.Fault;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The revision that runs, and what became of the last attempt to replace it. A refused revision changes nothing but the
 * report. Thread-safe.
 */
public final class LivePolicies {
    private final List<Consumer<Policies>> listeners = new CopyOnWriteArrayList<>();

    private volatile Policies current;
    private volatile Report report;

    public LivePolicies(Policies first) {
        this.current = first;
        this.report = new Report(first.revision(), Instant.now(), null, List.of());
    }

    /**
     * What an operator sees.
     *
     * @param revision the revision that runs
     * @param since when it was taken up
     * @param refusedAt when a newer one was last refused, or null if the last one was taken
     * @param faults why it was refused
     */
    public record Report(
            String revision, Instant since, @Nullable Instant refusedAt, List<Fault> faults) {
        public Report {
            faults = List.copyOf(faults);
        }

        /** Whether the files hold what runs. */
        public boolean isCurrent() {
            return refusedAt == null;
        }
    }

    /** The revision that runs now. */
    public Policies current() {
        return current;
    }

    /** What became of the last attempt to replace it. */
    public Report report() {
        return report;
    }

    /** Takes a newer revision up; calls under way end on the one they began with. */
    public synchronized void replace(Policies next) {
        Policies before = current;
        current = next;
        report = new Report(next.revision(), Instant.now(), null, List.of());
        if (!before.revision().equals(next.revision())) {
            listeners.forEach(listener -> listener.accept(next));
        }
    }

    /** Keeps the running revision and reports why the newer one was refused. */
    public synchronized void refuse(List<Fault> faults) {
        report = new Report(report.revision(), report.since(), Instant.now(), faults);
    }

    /** Told of each revision that is taken up, on the reloading thread. */
    public void onReplace(Consumer<Policies> listener) {
        listeners.add(listener);
    }

    /** An {@link IllegalArgumentException} that names the catalogues there are, if there is none of that prefix. */
    public void requireCatalogue(String prefix) {
        if (current.catalogue(prefix) == null) {
            throw new IllegalArgumentException(
                    "OperationMapping: there is no catalogue '" + prefix + "' in operations/; there are "
                            + new TreeSet<>(current.catalogues().keySet()));
        }
    }
}
