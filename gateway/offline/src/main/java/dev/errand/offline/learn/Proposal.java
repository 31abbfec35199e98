package dev.errand.offline.learn;

import dev.errand.config.Faults;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RefusedCalls;
import dev.errand.offline.replay.Replay;
import dev.errand.template.OperationDirectory;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A template text that loads, and under which the recorded tasks were decided again.
 *
 * @param refused the permitted calls that it still refuses; empty for a good proposal
 * @param widened in a few words: what of the draft had to be given up; empty for the first choice
 */
public record Proposal(String text, Template template, RefusedCalls refused, String widened) {
    /**
     * A text to try.
     *
     * @param widened what it gives up compared with the candidate before it
     */
    public record Candidate(String widened, Supplier<String> text) {}

    /** The first candidate that refuses no permitted call, else the last; empty if none loads. */
    public static Optional<Proposal> first(
            List<Candidate> candidates,
            TemplateParser parser,
            @Nullable OperationDirectory operations,
            Replay replay,
            List<RecordedTask> tasks) {
        Proposal last = null;
        Set<String> judged = new HashSet<>();
        for (Candidate candidate : candidates) {
            String text = candidate.text().get();
            if (!judged.add(text)) {
                continue;
            }
            Optional<Template> template = parser.parse("template", text, operations, new Faults());
            if (template.isPresent()) {
                last = new Proposal(text, template.get(), replay.refused(tasks, template.get()), candidate.widened());
                if (last.refused().isEmpty()) {
                    break;
                }
            }
        }
        return Optional.ofNullable(last);
    }
}
