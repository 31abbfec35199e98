package dev.errand.policy;

import dev.errand.config.Fault;
import dev.errand.template.Policies;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The running revision, and the outcome of the last attempt to replace it. A refused revision changes only the report.
 * Thread-safe.
 */
public final class LivePolicies {
    private volatile Policies current;
    private volatile Report report;
    private volatile Supplier<List<String>> sources = List::of;

    public LivePolicies(Policies first) {
        this.current = first;
        this.report =
                new Report(first.revision(), Instant.now(), first.revision(), null, List.of(), List.of(), List.of());
    }

    /**
     * What an operator sees.
     *
     * @param revision the revision that runs
     * @param since when it was taken up
     * @param fileRevision the revision that the files held when they were last read
     * @param refusedAt when that one was refused, or null if it was taken
     * @param faults why it was refused
     * @param notInForce the files that were refused with it: what they say now differs from what runs
     * @param restartNeeded the keys whose values in the files differ from what runs until a restart
     */
    public record Report(
            String revision,
            Instant since,
            String fileRevision,
            @Nullable Instant refusedAt,
            List<Fault> faults,
            List<String> notInForce,
            List<String> restartNeeded) {
        public Report {
            faults = List.copyOf(faults);
            notInForce = List.copyOf(notInForce);
            restartNeeded = List.copyOf(restartNeeded);
        }

        /** Whether the running revision is the one in the files; keys that need a restart are ignored. */
        public boolean isCurrent() {
            return refusedAt == null;
        }
    }

    /** The revision that runs now. */
    public Policies current() {
        return current;
    }

    /** The outcome of the last attempt to replace the revision. */
    public Report report() {
        return report;
    }

    /** Makes a newer revision the running one; calls in progress keep the revision they began with. */
    public synchronized void replace(Policies next, List<String> restartNeeded) {
        current = next;
        report = new Report(next.revision(), Instant.now(), next.revision(), null, List.of(), List.of(), restartNeeded);
    }

    /**
     * Keeps the running revision and reports why the newer one was refused.
     *
     * @param notInForce the files whose change is not in force
     */
    public synchronized void refuse(String fileRevision, List<Fault> faults, List<String> notInForce) {
        report = new Report(
                report.revision(),
                report.since(),
                fileRevision,
                Instant.now(),
                faults,
                notInForce,
                report.restartNeeded());
    }

    /** Sets what tells why files that are read by themselves, such as credentials and trusted keys, are not in force. */
    public void sources(Supplier<List<String>> faults) {
        sources = faults;
    }

    /** Why the last change of a credential or of trusted keys is not in force, each {@code FILE: why}. */
    public List<String> sourceFaults() {
        return sources.get();
    }
}
