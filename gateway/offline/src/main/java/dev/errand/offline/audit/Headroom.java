package dev.errand.offline.audit;

import dev.errand.offline.learn.Draft;
import dev.errand.offline.learn.HeldOut;
import dev.errand.offline.learn.TemplateText;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The lines of a smaller template that stay as granted, so that it leaves room for runs that it was not drafted from. The runs are
 * divided into five parts, and each part is judged by a template drafted from the other four. A line that would have refused a call
 * stays as granted. Immutable.
 *
 * @param holders whether agents and delegation are drafted
 * @param plan whether the plan is drafted
 * @param limits whether the limits are drafted
 * @param kept the operations whose grant stays as it was
 * @param told in a few words: how many held-out runs the drafted lines would still have disturbed
 */
record Headroom(boolean holders, boolean plan, boolean limits, SortedSet<String> kept, String told) {
    private static final int ROUNDS = 4;
    private static final long SEED = 1;

    /**
     * Finds the lines that stay as they were granted.
     *
     * @param tasks at least two
     * @param granted the template as configured
     * @param plan whether a plan may be drafted at all
     */
    static Headroom of(
            String name,
            List<RecordedTask> tasks,
            Template granted,
            boolean plan,
            Replay replay,
            TemplateParser parser) {
        Headroom room = new Headroom(true, plan, true, new TreeSet<>(), "");
        for (int round = 0; ; round++) {
            Headroom tried = room;
            HeldOut heldOut = HeldOut.of(tasks, some -> tried.text(name, some, granted, true), replay, parser, SEED);
            Headroom next = room.without(heldOut.disturbed());
            if (next.equals(room) || round == ROUNDS) {
                return new Headroom(
                        room.holders,
                        room.plan,
                        room.limits,
                        room.kept,
                        heldOut.any() + " of " + heldOut.runs() + " runs held out");
            }
            room = next;
        }
    }

    /** The same, with these lines as they were granted too. */
    private Headroom without(Map<String, Integer> disturbed) {
        SortedSet<String> more = new TreeSet<>(kept);
        boolean order = false;
        boolean others = false;
        for (String line : disturbed.keySet()) {
            if (line.startsWith(HeldOut.GRANT)) {
                more.add(line.substring(HeldOut.GRANT.length()));
            } else if (line.equals(HeldOut.PLAN) || line.equals(HeldOut.RULES) || line.startsWith("{")) {
                // Apart from granted rules, the draft has only rules that bound the plan.
                order = true;
            } else {
                others |= !line.equals(HeldOut.LIMITS);
            }
        }
        return new Headroom(
                holders && !others, plan && !order, limits && !disturbed.containsKey(HeldOut.LIMITS), more, "");
    }

    /**
     * The template's text.
     *
     * @param onlyDeny whether every refusal is only denied, so that one hides no other
     */
    String text(String name, List<RecordedTask> some, Template granted, boolean onlyDeny) {
        Draft draft = new Draft(name, some, granted);
        TemplateText text = draft.text();
        long calls = some.stream().mapToLong(task -> task.permitted().size()).sum();
        text.head("A smaller template '" + name + "' that permits the " + calls + " permitted calls of " + some.size()
                + (some.size() == 1 ? " task" : " tasks") + " recorded");
        text.head("It would have disturbed " + told
                + (asGranted().isEmpty() ? "" : "; these stay as they were granted: " + asGranted()));
        if (holders) {
            draft.agents(text);
            draft.delegation(text);
        }
        draft.allow(text, kept);
        if (limits) {
            draft.limits(text, false);
        }
        if (plan && !draft.plan().steps().isEmpty()) {
            draft.sequence(text, true);
        }
        if (onlyDeny) {
            text.put("on-violation", HeldOut.ONLY_DENY, "");
        }
        return text.toString();
    }

    /** In a few words: what stays as it was granted; empty if nothing does. */
    String asGranted() {
        List<String> words = new ArrayList<>();
        if (!holders) {
            words.add("agents and delegation");
        }
        if (!plan) {
            words.add("the plan");
        }
        if (!limits) {
            words.add("the limits");
        }
        words.addAll(kept);
        return String.join(", ", words);
    }
}
