package dev.errand.offline.audit;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.audit.CandidateDifference.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sums up the decisions of a template's candidates about recorded calls, record by record, so that no log is held in
 * memory. Only calls that a candidate decides differently leave a mark in the log. Not thread-safe.
 */
public final class CandidateAudit {
    /** The most causes of one revision that are listed one by one. */
    private static final int MAX_FINDINGS = 1_000;

    /** The most revisions of the candidate that are kept apart: a further one displaces the oldest. */
    private static final int MAX_REVISIONS = 32;

    private static final int MAX_TEMPLATES = 1_000;

    private final String template;
    private final int examples;
    private final Map<String, Revision> revisions = new LinkedHashMap<>();
    private final Set<String> others = new HashSet<>();
    private long decisions;

    /** @param examples how many calls are kept as examples of each cause */
    public CandidateAudit(String template, int examples) {
        this.template = template;
        this.examples = examples;
    }

    /** The decisions of one revision of the candidate. Not thread-safe. */
    static final class Revision {
        private final Map<String, CandidateFinding> findings = new LinkedHashMap<>();
        private final String first;
        private String last;

        private Revision(String first) {
            this.first = first;
            this.last = first;
        }

        private void add(CandidateDifference difference, int examples) {
            last = difference.time();
            String own = difference.kind() + " " + difference.cause();
            boolean room = findings.size() < MAX_FINDINGS || findings.containsKey(own);
            findings.computeIfAbsent(
                            room ? own : difference.kind().name(),
                            key -> new CandidateFinding(
                                    difference.kind(), room ? difference.cause() : "others", examples))
                    .add(difference);
        }

        /** The time of its first different decision in the log. */
        String first() {
            return first;
        }

        /** The time of its last different decision in the log. */
        String last() {
            return last;
        }

        /** The causes of a kind, the one with the most calls first. */
        List<CandidateFinding> of(Kind kind) {
            return findings.values().stream()
                    .filter(finding -> finding.kind() == kind)
                    .sorted(Comparator.comparingLong(CandidateFinding::calls).reversed())
                    .toList();
        }

        List<CandidateFinding> all() {
            return new ArrayList<>(findings.values());
        }
    }

    /** Takes the next record of a log. */
    public void add(JsonObject record) {
        if (!"decision".equals(record.string("kind"))) {
            return;
        }
        String name = record.string("template");
        if (!template.equals(name)) {
            if (name != null && others.size() < MAX_TEMPLATES) {
                others.add(name);
            }
            return;
        }
        decisions++;
        CandidateDifference difference = CandidateDifference.of(record);
        if (difference == null) {
            return;
        }
        Revision known = revisions.get(difference.revision());
        if (known == null) {
            if (revisions.size() >= MAX_REVISIONS) {
                revisions.remove(revisions.keySet().iterator().next());
            }
            known = new Revision(difference.time());
            revisions.put(difference.revision(), known);
        }
        known.add(difference, examples);
    }

    /** The template's name. */
    String template() {
        return template;
    }

    /** How many decisions about tasks of the template there were. */
    public long decisions() {
        return decisions;
    }

    /** The templates of all other decisions. */
    public Set<String> others() {
        return Set.copyOf(others);
    }

    /** The candidate's revisions by their names, in the order in which the log first has them. */
    Map<String, Revision> revisions() {
        return new LinkedHashMap<>(revisions);
    }
}
