package dev.errand.task.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Decided.Verdict;
import dev.errand.task.TaskOutcome.Denied;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random plans with approvals mixed in agree with a model that knows a position and a list. */
class AskWalkTest {
    private static final int PLANS = 100;
    private static final int ACTIONS = 60;
    private static final int PENDING = 3;
    private static final long WITHIN_MILLIS = 60_000;
    private static final List<String> OPERATIONS = List.of("x:a", "x:b", "x:c");

    /** A request as the model knows it. */
    private static final class Naive {
        final String call;
        final int position;
        final long expires;
        final TaskOutcome.Asked asked;
        boolean approved;

        Naive(String call, int position, long expires, TaskOutcome.Asked asked) {
            this.call = call;
            this.position = position;
            this.expires = expires;
            this.asked = asked;
        }
    }

    /** What the walk holds the task against. */
    private static final class Model {
        final List<String> plan;
        final List<Naive> open = new ArrayList<>();
        final Map<String, Naive> used = new HashMap<>();
        final Set<String> refused = new HashSet<>();
        int position;

        Model(List<String> plan) {
            this.plan = plan;
        }

        void forget(long now) {
            open.removeIf(each -> each.position != position || each.expires <= now);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void walk_agreesWithTheModel(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < PLANS; i++) {
            walk(random.split());
        }
    }

    private static void walk(SplittableRandom random) {
        List<String> plan = new ArrayList<>();
        int length = random.nextInt(1, 6);
        for (int i = 0; i < length; i++) {
            plan.add(OPERATIONS.get(random.nextInt(OPERATIONS.size())));
        }
        Asker asker = new Asker(
                "pending: " + PENDING + ", within: 60s",
                "sequence: " + plan
                        + "\non-violation: {sequence: ask, repeated: {denials: 9999, within: 1s, then: deny}}");
        Model model = new Model(plan);
        String last = null;
        for (int i = 0; i < ACTIONS; i++) {
            model.forget(asker.now);
            switch (random.nextInt(10)) {
                case 0 -> asker.now += random.nextInt(40_000);
                case 1, 2 -> decide(asker, model, random, true);
                case 3 -> decide(asker, model, random, false);
                case 4 -> last = giveBack(asker, model, last);
                default -> last = call(asker, model, random);
            }
        }
    }

    private static void decide(Asker asker, Model model, SplittableRandom random, boolean approves) {
        if (model.open.isEmpty()) {
            return;
        }
        Naive request = model.open.get(random.nextInt(model.open.size()));
        Verdict verdict = asker.decide(request.asked, Asker.ALICE, approves).verdict();
        if (request.approved) {
            assertThat(verdict).isEqualTo(Verdict.CONFLICT);
        } else if (approves) {
            assertThat(verdict).isEqualTo(Verdict.APPROVED);
            request.approved = true;
        } else {
            assertThat(verdict).isEqualTo(Verdict.REFUSED);
            model.refused.add(request.call);
            model.open.remove(request);
        }
    }

    /** The decision that may be given back next, or null. */
    private static String call(Asker asker, Model model, SplittableRandom random) {
        String operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
        String body = Integer.toString(random.nextInt(2));
        String call = operation + body;
        boolean fits = model.position < model.plan.size()
                && model.plan.get(model.position).equals(operation);
        TaskOutcome outcome = asker.ask(operation, body);
        if (fits) {
            assertThat(outcome).isInstanceOf(Permitted.class);
            assertThat(((Permitted) outcome).approval()).isNull();
            asker.settleLast(true);
            model.position++;
            return null;
        }
        Naive known = model.open.stream()
                .filter(each -> each.call.equals(call))
                .findFirst()
                .orElse(null);
        if (model.refused.contains(call)) {
            assertThat(Asker.code(outcome)).isEqualTo("approval-refused");
        } else if (known != null && known.approved) {
            assertThat(outcome).isInstanceOf(Permitted.class);
            assertThat(((Permitted) outcome).approval().id())
                    .isEqualTo(known.asked.request().id());
            model.open.remove(known);
            model.used.put(asker.lastDecision(), known);
            return asker.lastDecision();
        } else if (known != null) {
            assertThat(((Denied) outcome).asked().opened()).isFalse();
            assertThat(((Denied) outcome).asked().request().id())
                    .isEqualTo(known.asked.request().id());
        } else if (model.open.size() >= PENDING) {
            assertThat(Asker.code(outcome)).isEqualTo("sequence-violation");
        } else {
            assertThat(((Denied) outcome).asked().opened()).isTrue();
            model.open.add(new Naive(call, model.position, asker.now + WITHIN_MILLIS, ((Denied) outcome).asked()));
        }
        return null;
    }

    private static String giveBack(Asker asker, Model model, String decision) {
        if (decision != null) {
            asker.apply(new TaskStep.GiveBack(decision, List.of(Asker.ROOT), 1));
            Naive back = model.used.remove(decision);
            boolean stands = back.position == model.position && back.expires > asker.now;
            boolean again = model.open.stream().anyMatch(each -> each.call.equals(back.call));
            if (stands && !again && !model.refused.contains(back.call)) {
                model.open.add(0, back);
            } else if (stands) {
                model.open.add(back);
            }
        }
        return null;
    }
}
