package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.limit.Bandwidth;
import dev.errand.proof.Comparison.Change;
import dev.errand.task.Approvers;
import dev.errand.task.AskPolicy;
import dev.errand.template.CallLimits;
import dev.errand.template.DelegationLimits;
import dev.errand.template.StandingLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a template permits more than another one by what both say of limits, starts and approvers. Used once; not
 * thread-safe.
 */
final class SettingsComparison {
    private final Revision wide;
    private final Revision narrow;
    private final List<Change> changes = new ArrayList<>();

    SettingsComparison(Revision wide, Revision narrow) {
        this.wide = wide;
        this.narrow = narrow;
    }

    /** What only the first template permits. */
    List<Change> run() {
        limits();
        starts();
        return List.copyOf(changes);
    }

    private void add(String part, Position at, String text) {
        changes.add(new Change(part, at, text, null));
    }

    private void limits() {
        CallLimits now = wide.template().limits();
        CallLimits was = narrow.template().limits();
        if (was.calls() != null && (now.calls() == null || now.calls() > was.calls())) {
            add(
                    "limits",
                    wide.at("limits", "calls"),
                    "calls: " + (now.calls() == null ? "no bound" : now.calls()) + ", was " + was.calls());
        }
        buckets("task", now.task(), was.task());
        was.operations().forEach((id, buckets) -> buckets(id, now.operations().getOrDefault(id, List.of()), buckets));
        if (wide.template().lifetime().compareTo(narrow.template().lifetime()) > 0) {
            add(
                    "limits",
                    wide.at("lifetime"),
                    "lifetime: " + wide.template().lifetime() + ", was "
                            + narrow.template().lifetime());
        }
        DelegationLimits deep = wide.template().delegation();
        DelegationLimits before = narrow.template().delegation();
        Long children = deep.maxChildren();
        Long most = before.maxChildren();
        if (deep.maxDepth() > before.maxDepth()
                || (deep.maxDepth() > 0 && most != null && (children == null || children > most))) {
            add("limits", wide.at("delegation"), "delegation: deeper, or more children");
        }
    }

    private void buckets(String name, List<Bandwidth> now, List<Bandwidth> was) {
        for (Bandwidth bucket : was) {
            if (!bucket.observe() && now.stream().noneMatch(each -> isKept(bucket, each))) {
                add(
                        "limits",
                        wide.at("limits"),
                        name + ": more than " + bucket.capacity() + " calls per " + bucket.period());
            }
        }
    }

    /** Whether a bucket permits no more than another. */
    private static boolean isKept(Bandwidth was, @Nullable Bandwidth now) {
        return now != null
                && !now.observe()
                && now.capacity() <= was.capacity()
                && now.capacity() * (double) was.period().toMillis()
                        <= was.capacity() * (double) now.period().toMillis();
    }

    private void starts() {
        var now = wide.template().admission();
        var was = narrow.template().admission();
        if (!now.agents().stream().allMatch(agent -> was.agents().stream().anyMatch(each -> each.covers(agent)))) {
            add("starts", wide.at("agents"), "more agents may be given the task");
        }
        if (!was.humans().covers(now.humans())) {
            add("starts", wide.at("humans"), "other humans may authorise the task");
        }
        if (was.instruction().require() && !now.instruction().require()) {
            add("starts", wide.at("instruction"), "no instruction is required");
        }
        if (now.instruction().trustAgent() && !was.instruction().trustAgent()) {
            add("starts", wide.at("instruction"), "what the agent says of its instruction is trusted");
        }
        boolean more = was.starts().active() != null
                && (now.starts().active() == null
                        || now.starts().active() > was.starts().active());
        if (more
                || (was.starts().limit() != null
                        && !isKept(was.starts().limit(), now.starts().limit()))) {
            add("starts", wide.at("starts"), "a human and an agent may have or start more tasks");
        }
        if ((was.allowed().named() && !now.allowed().named())
                || (was.allowed().confirm() && !now.allowed().confirm())
                || isWeaker(now.allowed().signIn(), was.allowed().signIn(), Duration.ZERO)) {
            add("starts", wide.at("start"), "less is demanded of a human who allows the task at the page");
        }
        standing(now.standing(), was.standing());
        approvers(wide.template().enforced().ask(), narrow.template().enforced().ask());
    }

    private void standing(@Nullable StandingLimits now, @Nullable StandingLimits was) {
        if (now != null
                && (was == null
                        || now.runs() > was.runs()
                        || now.within().compareTo(was.within()) > 0
                        || now.atOnce() > was.atOnce())) {
            add("starts", wide.at("standing"), "a human may allow more runs at once");
        }
    }

    private void approvers(@Nullable AskPolicy now, @Nullable AskPolicy was) {
        if (now != null
                && was != null
                && (!was.by().humans().covers(now.by().humans())
                        || !was.by().clients().containsAll(now.by().clients())
                        || isWeaker(now.by(), was.by(), Duration.ofMillis(now.withinMillis()))
                        || now.quorum() < was.quorum())) {
            add("approvals", wide.at("ask"), "other humans may approve calls, or fewer are needed");
        }
    }

    /**
     * Whether a weaker sign-in, or one by the starter, is enough.
     *
     * @param open how old a sign-in after the request may be
     */
    private static boolean isWeaker(Approvers now, Approvers was, Duration open) {
        boolean acr = was.acr().isEmpty() || (!now.acr().isEmpty() && was.acr().containsAll(now.acr()));
        Duration age = now.maxAge();
        if (now.fresh() && (age == null || age.compareTo(open) > 0)) {
            age = open;
        }
        boolean young = was.maxAge() == null || (age != null && age.compareTo(was.maxAge()) <= 0);
        return !acr || !young || (was.fresh() && !now.fresh()) || (was.notStarter() && !now.notStarter());
    }
}
