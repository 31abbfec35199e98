package dev.errand.sequence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules as a page of text says them: a scan of the whole history for each call and each outcome of the calls in flight. Slow,
 * and without any state that it could forget.
 */
final class NaiveMonitor {
    static final int FITS = 0;
    static final int WAITS = 1;
    static final int UNKNOWN = 2;
    static final int NEVER = 3;
    static final long TIMEOUT = 60_000;

    /** One operation of a call. */
    record Pair(
            String operation,
            @Nullable String resource,
            @Nullable Long amount,
            boolean dryRun,
            boolean changes) {}

    /** One call that was sent. */
    static final class Call {
        final String id;
        final List<Pair> pairs;
        final long sentMillis;
        /** '?' in flight, 'h' happened, 'f' failed, 'u' nobody knows. */
        char outcome = '?';

        long outcomeMillis;
        int outcomeOrder;
        boolean givenBack;
        /** For each rule the approvals that it used. */
        final Map<Rule, List<Approval>> used = new HashMap<>();
        /** For each rule the debts that it left. */
        final Map<Rule, List<Debt>> owed = new HashMap<>();

        Call(String id, List<Pair> pairs, long sentMillis) {
            this.id = id;
            this.pairs = pairs.stream().filter(pair -> !pair.dryRun()).toList();
            this.sentMillis = sentMillis;
        }

        boolean changes() {
            return pairs.stream().anyMatch(Pair::changes);
        }

        private boolean happened(Set<Call> happen) {
            return outcome == 'h' || happen.contains(this);
        }

        @Override
        public String toString() {
            return "\n" + sentMillis + ' ' + outcome + outcomeMillis + ' ' + pairs;
        }
    }

    /** One time that an operation happened, which a call may use. */
    static final class Approval {
        final @Nullable String value;
        final long millis;

        Approval(@Nullable String value, long millis) {
            this.value = value;
            this.millis = millis;
        }
    }

    /** What a call owes that passed although an unknown outcome decided: the next approval of this value. */
    static final class Debt {
        final @Nullable String value;
        final long millis;
        boolean paid;

        Debt(@Nullable String value, long millis) {
            this.value = value;
            this.millis = millis;
        }
    }

    /** A rule. {@code within} is -1 for the whole task. */
    record Rule(
            String kind, String a, String b, long most, long within, boolean same, String when, boolean once, int id) {
        boolean counts(long then, long now) {
            return within < 0 || now - then <= within;
        }

        @Nullable String value(Pair pair) {
            return same ? String.valueOf(pair.resource()) : "all";
        }

        boolean complete(Pair pair) {
            return !same || pair.resource() != null;
        }
    }

    private static final Comparator<Call> LATER =
            Comparator.<Call>comparingLong(call -> call.outcomeMillis).thenComparing(call -> call.outcomeOrder);

    final List<Rule> rules;
    final List<Call> history = new ArrayList<>();
    final Map<Rule, List<Approval>> approvals = new HashMap<>();
    final Map<Rule, List<Debt>> debts = new HashMap<>();
    private int order;

    NaiveMonitor(List<Rule> rules) {
        this.rules = rules;
    }

    /** The calls of which something may still become known. */
    List<Call> open(long now) {
        expire(now, null);
        return history.stream()
                .filter(call -> call.outcome == '?' || call.outcome == 'u')
                .toList();
    }

    private List<Call> of(char outcome) {
        return history.stream().filter(call -> call.outcome == outcome).toList();
    }

    private void expire(long now, @Nullable Call but) {
        of('?').stream()
                .filter(call -> call != but && now - call.sentMillis >= TIMEOUT)
                .sorted(Comparator.comparingLong(call -> call.sentMillis))
                .forEach(call -> lost(call, call.sentMillis + TIMEOUT));
    }

    /** No answer came, and none will. */
    void unanswered(Call call, long now) {
        expire(now, call);
        lost(call, now);
    }

    private void lost(Call call, long millis) {
        call.outcome = call.changes() ? 'u' : 'f';
        call.outcomeMillis = millis;
        call.outcomeOrder = ++order;
    }

    int judge(List<Pair> pairs, long now) {
        expire(now, null);
        int worst = FITS;
        for (Rule rule : rules) {
            worst = Math.max(worst, judge(rule, pairs, now, Map.of()));
        }
        return worst;
    }

    /**
     * Tries every way that the calls in flight may come out, every one of them as the last, and below that every way that the
     * unknown calls may have come out.
     *
     * @param known what is said of some unknown calls
     */
    int judge(Rule rule, List<Pair> pairs, long now, Map<Call, Boolean> known) {
        List<Call> unknown =
                of('u').stream().filter(call -> !known.containsKey(call)).toList();
        boolean some = false;
        boolean every = true;
        boolean mayHelp = false;
        for (Set<Call> inFlight : subsets(of('?'))) {
            List<@Nullable Call> lasts = new ArrayList<>(inFlight);
            if (lasts.isEmpty()) {
                lasts.add(null);
            }
            for (Call last : lasts) {
                boolean always = true;
                for (Set<Call> came : subsets(unknown)) {
                    Set<Call> happen = new HashSet<>(inFlight);
                    happen.addAll(came);
                    known.forEach((call, happened) -> {
                        if (happened) {
                            happen.add(call);
                        }
                    });
                    boolean holds = holds(rule, pairs, now, happen, last);
                    some |= holds;
                    every &= holds;
                    always &= holds;
                }
                mayHelp |= always;
            }
        }
        return every ? FITS : !some ? NEVER : mayHelp ? WAITS : UNKNOWN;
    }

    private static List<Set<Call>> subsets(List<Call> calls) {
        List<Set<Call>> subsets = new ArrayList<>();
        for (int bits = 0; bits < 1 << calls.size(); bits++) {
            Set<Call> subset = new LinkedHashSet<>();
            for (int i = 0; i < calls.size(); i++) {
                if ((bits & 1 << i) != 0) {
                    subset.add(calls.get(i));
                }
            }
            subsets.add(subset);
        }
        return subsets;
    }

    private boolean holds(Rule rule, List<Pair> pairs, long now, Set<Call> happen, @Nullable Call last) {
        return switch (rule.kind()) {
            case "bounded", "sum", "distinct", "absence-sent" -> holdsSent(rule, pairs, now);
            case "absence-happened" -> noneCame(rule, pairs, now, happen, 'h');
            case "absence-failed" -> noneCame(rule, pairs, now, happen, 'f');
            case "precedence" -> rule.once() ? enough(rule, pairs, now, happen) : came(rule, pairs, now, happen);
            default -> isLast(rule, pairs, happen, last);
        };
    }

    /** Pair after pair, each with those before it sent. */
    private boolean holdsSent(Rule rule, List<Pair> pairs, long now) {
        List<Call> sent = new ArrayList<>(history);
        sent.removeIf(call -> call.givenBack);
        for (Pair pair : pairs) {
            if (pair.operation().equals(rule.kind().equals("absence-sent") ? rule.b() : rule.a())) {
                List<Pair> counted = new ArrayList<>();
                for (Call call : sent) {
                    for (Pair other : call.pairs) {
                        if (other.operation().equals(rule.a())
                                && Objects.equals(rule.value(other), rule.value(pair))
                                && rule.counts(call.sentMillis, now)) {
                            counted.add(other);
                        }
                    }
                }
                if (!holdsOne(rule, pair, counted)) {
                    return false;
                }
            }
            if (!pair.dryRun()) {
                sent.add(new Call("?", List.of(pair), now));
            }
        }
        return true;
    }

    private static boolean holdsOne(Rule rule, Pair pair, List<Pair> counted) {
        return switch (rule.kind()) {
            case "absence-sent" -> counted.isEmpty();
            case "bounded" -> counted.size() < rule.most();
            case "sum" ->
                pair.amount() != null
                        && counted.stream()
                                                .mapToLong(other -> other.amount() == null ? 0 : other.amount())
                                                .sum()
                                        + pair.amount()
                                <= rule.most();
            default -> {
                if (pair.amount() == null) {
                    yield false;
                }
                Set<Long> values = new HashSet<>();
                counted.forEach(other -> values.add(other.amount()));
                values.remove(null);
                values.add(pair.amount());
                yield values.size() <= rule.most();
            }
        };
    }

    private boolean noneCame(Rule rule, List<Pair> pairs, long now, Set<Call> happen, char what) {
        for (Pair pair : pairs) {
            if (!pair.operation().equals(rule.b())) {
                continue;
            }
            for (Call call : history) {
                boolean open = call.outcome == '?' || call.outcome == 'u';
                boolean came = open ? happen.contains(call) == (what == 'h') : call.outcome == what;
                long at = call.outcome == '?' ? now : call.outcomeMillis;
                if (came && !call.givenBack && rule.counts(at, now) && hasLike(call, rule.a(), rule, pair)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean came(Rule rule, List<Pair> pairs, long now, Set<Call> happen) {
        for (Pair pair : pairs) {
            if (!pair.operation().equals(rule.b())) {
                continue;
            }
            boolean found = false;
            for (Call call : history) {
                long at = call.outcome == '?' ? now : call.outcomeMillis;
                found |= call.happened(happen) && rule.counts(at, now) && hasLike(call, rule.a(), rule, pair);
            }
            if (!found || !rule.complete(pair)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasLike(Call call, String operation, Rule rule, Pair pair) {
        return call.pairs.stream()
                .anyMatch(other ->
                        other.operation().equals(operation) && Objects.equals(rule.value(other), rule.value(pair)));
    }

    private boolean enough(Rule rule, List<Pair> pairs, long now, Set<Call> happen) {
        Map<String, Integer> left = new HashMap<>();
        for (Pair pair : pairs) {
            if (!pair.operation().equals(rule.b())) {
                continue;
            }
            String value = rule.value(pair);
            int have = left.computeIfAbsent(value, each -> {
                int count =
                        usable(rule, each, now).size() - debts(rule, each, now).size();
                for (Call call : happen) {
                    boolean counts = call.outcome == '?' || rule.counts(call.outcomeMillis, now);
                    count += !counts
                            ? 0
                            : (int) call.pairs.stream()
                                    .filter(other -> other.operation().equals(rule.a())
                                            && rule.complete(other)
                                            && Objects.equals(rule.value(other), each))
                                    .count();
                }
                return count;
            });
            if (have < 1 || !rule.complete(pair)) {
                return false;
            }
            if (!pair.dryRun()) {
                left.put(value, have - 1);
            }
        }
        return true;
    }

    private List<Approval> usable(Rule rule, @Nullable String value, long now) {
        return approvals.getOrDefault(rule, List.of()).stream()
                .filter(each -> Objects.equals(each.value, value) && rule.counts(each.millis, now))
                .sorted(Comparator.comparingLong(each -> each.millis))
                .toList();
    }

    private List<Debt> debts(Rule rule, @Nullable String value, long now) {
        return debts.getOrDefault(rule, List.of()).stream()
                .filter(each -> !each.paid && Objects.equals(each.value, value) && rule.counts(each.millis, now))
                .sorted(Comparator.comparingLong(each -> each.millis))
                .toList();
    }

    /** One more approval: it pays the oldest debt, or may be used. */
    private void came(Rule rule, Approval approval) {
        List<Debt> owed = debts(rule, approval.value, approval.millis);
        if (owed.isEmpty()) {
            approvals.computeIfAbsent(rule, each -> new ArrayList<>()).add(approval);
        } else {
            owed.get(0).paid = true;
        }
    }

    private boolean isLast(Rule rule, List<Pair> pairs, Set<Call> happen, @Nullable Call last) {
        List<Pair> wanted =
                pairs.stream().filter(pair -> pair.operation().equals(rule.b())).toList();
        if (wanted.isEmpty()) {
            return true;
        }
        Call previous = last;
        for (Call call : history) {
            if (last == null
                    && call.happened(happen)
                    && !call.pairs.isEmpty()
                    && (previous == null || LATER.compare(call, previous) > 0)) {
                previous = call;
            }
        }
        Call found = previous;
        return found != null
                && wanted.stream().allMatch(pair -> rule.complete(pair) && hasLike(found, rule.a(), rule, pair));
    }

    /** The call was let through, perhaps although unknown outcomes decide. */
    void send(Call call, List<Pair> asked, long now) {
        for (Rule rule : rules) {
            boolean owes = rule.once() && judge(rule, asked, now, Map.of()) == UNKNOWN;
            for (Pair pair : call.pairs) {
                if (rule.once() && pair.operation().equals(rule.b())) {
                    List<Approval> usable = usable(rule, rule.value(pair), now);
                    if (!usable.isEmpty()) {
                        approvals.get(rule).remove(usable.get(0));
                        call.used
                                .computeIfAbsent(rule, each -> new ArrayList<>())
                                .add(usable.get(0));
                    } else if (owes) {
                        Debt debt = new Debt(rule.value(pair), now);
                        debts.computeIfAbsent(rule, each -> new ArrayList<>()).add(debt);
                        call.owed
                                .computeIfAbsent(rule, each -> new ArrayList<>())
                                .add(debt);
                    }
                }
            }
        }
        history.add(call);
    }

    /** An answer came. */
    void settle(Call call, boolean happened, long now) {
        expire(now, call);
        call.outcomeMillis = now;
        call.outcomeOrder = ++order;
        know(call, happened);
    }

    /** An operator says what became of a call; it became that when its outcome was unknown. */
    void know(Call call, boolean happened) {
        call.outcome = happened ? 'h' : 'f';
        for (Rule rule : rules) {
            for (Pair pair : call.pairs) {
                if (happened && rule.once() && pair.operation().equals(rule.a()) && rule.complete(pair)) {
                    came(rule, new Approval(rule.value(pair), call.outcomeMillis));
                }
            }
        }
    }

    void giveBack(Call call) {
        call.givenBack = true;
        history.remove(call);
        call.used.forEach((rule, used) -> used.forEach(each -> came(rule, each)));
        call.owed.forEach((rule, owed) -> owed.forEach(each -> forgive(rule, each)));
    }

    /** What paid a debt is free again; with a window it is lost, since its time was not kept. */
    private void forgive(Rule rule, Debt debt) {
        boolean isTask = rule.within() < 0;
        List<Debt> left = isTask ? debts(rule, debt.value, debt.millis) : debt.paid ? List.of() : List.of(debt);
        if (!left.isEmpty()) {
            left.get(0).paid = true;
        } else if (isTask) {
            approvals.computeIfAbsent(rule, each -> new ArrayList<>()).add(new Approval(debt.value, debt.millis));
        }
    }
}
