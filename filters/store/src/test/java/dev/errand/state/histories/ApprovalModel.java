package dev.errand.state.histories;

import dev.errand.state.histories.Replica.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the approvals of one task may have come to: a call passes by a request once at most, only if people approved it, never behind
 * a refusal, and never behind more calls than its request showed. It also holds where the store forgot, since a call is sent only once a replica of the store has the use of its
 * approval. Used by one thread.
 */
final class ApprovalModel {
    /**
     * A request as a refusal told it.
     *
     * @param shown how many calls had passed before, as the rule counts them
     */
    record Request(String id, String digest, int shown) {}

    /** @param approves false for a refusal */
    private record Decision(String id, boolean approves, Reply reply) {}

    private final String task;
    private final List<Request> told = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();
    private final Map<String, Integer> passed = new HashMap<>();
    private int unsure;

    ApprovalModel(String task) {
        this.task = task;
    }

    void asked(Reply reply) {
        String[] words = reply.text().split(" ");
        if (reply.is("asked")) {
            told.add(new Request(words[1], words[2], Integer.parseInt(words[3])));
        } else if (reply.is("passed")) {
            passed.merge(words[1], 1, Integer::sum);
        } else if (reply.isUnknown() || reply.is("unsent") || reply.is("ended")) {
            unsure++;
        }
    }

    void decided(String id, boolean approves, Reply reply) {
        decisions.add(new Decision(id, approves, reply));
    }

    /** One that people may have been told of lately, or null. */
    @Nullable Request any(RandomGenerator random) {
        int last = Math.min(told.size(), 4);
        return last == 0 ? null : told.get(told.size() - 1 - random.nextInt(last));
    }

    /** How many calls passed. */
    int passes() {
        return passed.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many calls may have been debited without a pass. */
    int unsure() {
        return unsure;
    }

    void violations(boolean forgets, List<String> found) {
        rule(found);
        passed.forEach((id, times) -> {
            if (times > 1) {
                found.add(task + ": " + times + " calls passed by " + id);
            }
            if (!may(id, true, "decided APPROVED")) {
                found.add(task + ": a call passed by " + id + ", which nobody approved");
            }
            boolean refused = decisions.stream()
                    .anyMatch(each -> each.id().equals(id) && each.reply().is("decided REFUSED"));
            if (refused && !forgets) {
                found.add(task + ": a call passed by " + id + ", which was refused");
            }
        });
    }

    /**
     * Whichever of the calls passed last that passed by requests which showed at most {@code shown} calls: all the others of them
     * had passed before it.
     */
    private void rule(List<String> found) {
        for (int shown : told.stream().mapToInt(Request::shown).distinct().toArray()) {
            long passes = told.stream()
                    .filter(each -> each.shown() <= shown)
                    .map(Request::id)
                    .distinct()
                    .mapToInt(id -> passed.getOrDefault(id, 0))
                    .sum();
            if (passes > shown + 1) {
                found.add(task + ": " + passes + " calls passed by requests that showed at most " + shown + " before");
            }
        }
    }

    private boolean may(String id, boolean approves, String verdict) {
        return decisions.stream()
                .filter(each -> each.id().equals(id) && each.approves() == approves)
                .anyMatch(each -> each.reply().is(verdict) || each.reply().isUnknown());
    }
}
