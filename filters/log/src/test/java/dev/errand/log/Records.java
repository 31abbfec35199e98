package dev.errand.log;

import dev.errand.limit.Budgets;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.KeyThumbprint;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records that are valid, for tests. */
public final class Records {
    public static final Instant TIME = Instant.parse("2026-11-24T16:21:18.007Z");
    private static final String ROOT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

    private Records() {}

    public static ProvenanceRecord.Decision permit(String decision, String task) {
        return permit(decision, task, "secret/ci/payments");
    }

    public static ProvenanceRecord.Decision permit(String decision, String task, String resource) {
        return permit(decision, task, List.of("spiffe://example.org/agent/release-bot"), List.of(resource));
    }

    /** By agents of those names, root first. */
    public static ProvenanceRecord.Decision by(String... subjects) {
        return permit("d-1", "t-1", List.of(subjects), List.of("secret/ci/payments"));
    }

    /** Of those resources. */
    public static ProvenanceRecord.Decision of(List<String> resources) {
        return permit("d-1", "t-1", List.of("spiffe://example.org/agent/release-bot"), resources);
    }

    /** One of which a candidate says that. */
    public static ProvenanceRecord.Decision beside(ProvenanceRecord.Candidate candidate) {
        return permit("d-1", "t-1", List.of("spiffe://example.org/a"), List.of("secret/ci/payments"), candidate);
    }

    private static ProvenanceRecord.Decision permit(
            String decision, String task, List<String> subjects, List<String> resources) {
        return permit(decision, task, subjects, resources, null);
    }

    private static ProvenanceRecord.Decision permit(
            String decision,
            String task,
            List<String> subjects,
            List<String> resources,
            ProvenanceRecord.@Nullable Candidate candidate) {
        return new ProvenanceRecord.Decision(
                decision,
                TIME,
                true,
                ProvenanceRecord.Objection.NONE,
                new ProvenanceRecord.Caller(
                        task,
                        "release",
                        "sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                        new Human("https://idp.example.org", "user:7f3c"),
                        null,
                        Holders.of(subjects.stream()
                                .map(subject -> new Holder(new KeyThumbprint(ROOT), subject, true))
                                .toList()),
                        ROOT,
                        new Instruction(
                                Instruction.Source.HUMAN,
                                "https://tracker.example.org/REL-42",
                                null,
                                Instruction.Integrity.TRUSTED),
                        null),
                new ProvenanceRecord.Request(
                        List.of("vault:kv.read"),
                        resources,
                        "sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                        null,
                        List.of(),
                        "GET",
                        "vault"),
                new ProvenanceRecord.Position(
                        new Budgets.Builder(2).add("task", 39).add("calls", 199).build(), "0", "0+1 in flight"),
                "enforce",
                null,
                false,
                "g-0123456789abcdef",
                null,
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                null,
                candidate,
                0);
    }

    public static ProvenanceRecord.Outcome outcome(String decision) {
        return new ProvenanceRecord.Outcome(decision, TIME, 200, 12, false, null, false);
    }

    /** The whole task, interrupted by a denial. */
    public static ProvenanceRecord.Ended ending(String task, String decision) {
        return new ProvenanceRecord.Ended(
                TIME,
                task,
                null,
                ROOT,
                "interrupted",
                EndedBy.POLICY,
                decision,
                new Human("https://idp.example.org", "user:7f3c"),
                "The task was interrupted");
    }
}
