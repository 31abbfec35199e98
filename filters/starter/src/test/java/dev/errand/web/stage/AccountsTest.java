package dev.errand.web.stage;

import static dev.errand.token.TestChains.CHILD_HOLDER;
import static dev.errand.token.TestChains.LEAF_HOLDER;
import static dev.errand.token.TestChains.TOOLS;
import static dev.errand.token.TestChains.capability;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.limit.Bandwidth;
import dev.errand.policy.GoverningPolicies;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.step.StepBatch;
import dev.errand.token.ChainResult;
import dev.errand.token.TestChains;
import dev.errand.token.TestToken;
import dev.errand.token.VerifiedChain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountsTest {
    private static final Bandwidth WIDE = Tasks.limit(40, Duration.ofSeconds(10));
    private static final Bandwidth LONG = Tasks.limit(100, Duration.ofSeconds(60));
    private static final Bandwidth NARROW = Tasks.limit(4, Duration.ofSeconds(3));

    private static TestToken bounded(TestToken token, String bounds) {
        return token.with(
                "authorization_details",
                "[" + capability(TOOLS) + ",{\"type\":\"errand_task\"" + bounds.replace('\'', '"') + "}]");
    }

    private static String limits(Bandwidth... limits) {
        List<String> written = new ArrayList<>();
        for (Bandwidth limit : limits) {
            written.add("{'capacity':" + limit.capacity() + ",'period':"
                    + limit.period().toSeconds() + "}");
        }
        return ",'limits':[" + String.join(",", written) + "]";
    }

    /** A chain whose tokens, root first, state these bounds. */
    private static VerifiedChain chain(String... bounds) {
        TestToken[] tokens = new TestToken[bounds.length];
        tokens[0] = bounded(TestChains.root(), bounds[0]);
        for (int depth = 1; depth < bounds.length; depth++) {
            tokens[depth] = bounded(
                    TestChains.child(tokens[depth - 1], depth % 2 == 1 ? CHILD_HOLDER : LEAF_HOLDER), bounds[depth]);
        }
        return ((ChainResult.Accepted) TestChains.verify(tokens)).chain();
    }

    private static List<TokenAccount.Limit> own(List<TokenAccount> accounts, int depth) {
        return accounts.get(depth).limits();
    }

    @Test
    void limitThatIsCarriedOn_isChargedOnce_toTheUppermostToken() {
        List<TokenAccount> accounts =
                Accounts.of(chain(limits(WIDE, LONG), limits(WIDE, LONG), limits(WIDE, LONG)), Tasks.policy(), null);
        assertThat(own(accounts, 0)).isEqualTo(Tasks.own(WIDE, LONG));
        assertThat(own(accounts, 1)).isEmpty();
        assertThat(own(accounts, 2)).isEmpty();
    }

    @Test
    void limitOfTheTokensOwn_isChargedToIt_inThePlaceThatItIsStatedIn() {
        List<TokenAccount> accounts = Accounts.of(
                chain(limits(WIDE), limits(WIDE, NARROW), limits(NARROW, LONG, NARROW)), Tasks.policy(), null);
        assertThat(own(accounts, 0)).isEqualTo(Tasks.own(WIDE));
        assertThat(own(accounts, 1)).containsExactly(Tasks.own(WIDE, NARROW).get(1));
        assertThat(own(accounts, 2)).containsExactly(Tasks.own(NARROW, LONG).get(1));
    }

    @Test
    void limitThatARootStatesTwice_takesTwoPlaces() {
        List<TokenAccount> accounts =
                Accounts.of(chain(limits(LONG, WIDE, LONG, NARROW)), Tasks.limits(Tasks.policy(), WIDE), null);
        assertThat(own(accounts, 0))
                .containsExactly(
                        Tasks.own(LONG).get(0), Tasks.own(LONG, LONG, NARROW).get(2));
    }

    @Test
    void observedLimit_isReportedForTheUppermostTokenOnly() {
        TaskPolicy observing = Tasks.observing(Tasks.policy());
        String two = limits(Tasks.limit(2, Duration.ofSeconds(10)));
        List<TokenAccount> root = Accounts.of(chain(two), observing, null);
        List<TokenAccount> child = Accounts.of(chain(two, two), observing, null);
        Task task = null;
        List<Integer> reported = new ArrayList<>();
        // A bucket that objects is not taken from: a copy of the child's own would be empty by the last call, the
        // root's is not.
        for (Timed timed : List.of(
                new Timed(0, root),
                new Timed(0, root),
                new Timed(4_900, child),
                new Timed(4_900, child),
                new Timed(5_000, child))) {
            StepBatch.Applied applied =
                    StepBatch.apply(observing, task, List.of(step(timed.accounts(), 1)), 1_000_000 + timed.atMillis());
            task = applied.next();
            reported.add(((TaskOutcome.Permitted) applied.outcomes().get(0))
                    .observed()
                    .size());
        }
        assertThat(reported).containsExactly(0, 0, 1, 1, 0);
    }

    private record Timed(long atMillis, List<TokenAccount> accounts) {}

    @Test
    void limitOfTheTemplate_isTheTasksInARoot_andTheUppermostDerivedTokensToo() {
        // A route may be open without TaskLimits, where the template's limits do not count; those of derived tokens do.
        List<TokenAccount> accounts = Accounts.of(
                chain(limits(WIDE, LONG), limits(WIDE, LONG), limits(WIDE, LONG)),
                Tasks.limits(Tasks.policy(), WIDE),
                null);
        assertThat(own(accounts, 0)).isEqualTo(Tasks.own(LONG));
        assertThat(own(accounts, 1)).isEqualTo(Tasks.own(WIDE));
        assertThat(own(accounts, 2)).isEmpty();
    }

    @Test
    void callsOfTheTemplate_areTheTasksInARoot_andChildrenOfACapEachTokens() {
        VerifiedChain chain = chain(",'calls':9,'children':7", ",'calls':9,'children':7");
        GoverningPolicies.Cap cap = new GoverningPolicies.Cap(chain.leaf().capability(), 3L, 0);
        List<TokenAccount> accounts = Accounts.of(chain, Tasks.calls(Tasks.policy(), 9), cap);
        assertThat(accounts).extracting(TokenAccount::calls).containsExactly(null, 9L);
        assertThat(accounts).extracting(TokenAccount::children).containsExactly(3L, 3L);
        assertThat(Accounts.of(chain, Tasks.policy(), null))
                .extracting(TokenAccount::calls)
                .containsExactly(9L, 9L);
    }

    /** Charging each limit once decides every call as charging it to every token that states it does. */
    @ParameterizedTest
    @CsvSource({"1,false", "2,false", "3,false", "4,false", "5,true", "6,true", "7,true", "8,true"})
    void chargedOnce_decidesAsChargedAlways(long seed, boolean open) {
        Random random = new Random(seed);
        TaskPolicy templated = Tasks.limits(Tasks.policy(), WIDE);
        TaskPolicy policy = open ? Tasks.policy() : templated; // an open route may leave the template's limits out
        String same = limits(WIDE, LONG);
        List<List<TokenAccount>> once = new ArrayList<>();
        List<List<TokenAccount>> always = new ArrayList<>();
        for (VerifiedChain chain : List.of(
                chain(same),
                chain(same, same),
                chain(same, same, same),
                chain(same, same, limits(WIDE, LONG, NARROW)),
                chain(same, same, limits(WIDE, LONG, NARROW), limits(WIDE, LONG, NARROW)))) {
            once.add(Accounts.of(chain, templated, null));
            always.add(everyLimit(chain, templated));
        }
        Task here = null;
        Task there = null;
        long now = 1_000_000;
        int permitted = 0;
        Set<String> refusedBy = new HashSet<>();
        for (int call = 0; call < 900; call++) {
            if (call % 300 == 0) { // all buckets are full again
                here = null;
                there = null;
            }
            int which = random.nextInt(once.size());
            int cost = 1 + random.nextInt(3);
            now += random.nextInt(random.nextInt(20) == 0 ? 20_000 : 250);
            StepBatch.Applied one = StepBatch.apply(policy, here, List.of(step(once.get(which), cost)), now);
            StepBatch.Applied other = StepBatch.apply(policy, there, List.of(step(always.get(which), cost)), now);
            here = one.next();
            there = other.next();
            TaskOutcome outcome = one.outcomes().get(0);
            if (outcome instanceof TaskOutcome.Denied denied) {
                TaskOutcome.Denied that = (TaskOutcome.Denied) other.outcomes().get(0);
                assertThat(denied.denial()).isEqualTo(that.denial());
                assertThat(denied.rate()).isEqualTo(that.rate());
                refusedBy.add(Objects.requireNonNull(denied.rate()).policy());
            } else {
                permitted++;
                assertThat(other.outcomes().get(0)).isInstanceOf(TaskOutcome.Permitted.class);
            }
        }
        assertThat(permitted).isGreaterThan(100);
        assertThat(refusedBy).containsExactlyInAnyOrder(open ? "token:1" : "task", "token:0", "token:2");
    }

    /** Accounts of the chain's tokens by which each is charged for all that it states, but a root for what its template does. */
    private static List<TokenAccount> everyLimit(VerifiedChain chain, TaskPolicy policy) {
        List<TokenAccount> accounts =
                new ArrayList<>(Accounts.of(chain, policy, null).subList(0, 1));
        chain.tokens().stream().skip(1).forEach(token -> {
            Bandwidth[] stated = token.bounds().limits().stream()
                    .map(limit -> Tasks.limit(limit.capacity(), Duration.ofSeconds(limit.periodSeconds())))
                    .toArray(Bandwidth[]::new);
            accounts.add(Tasks.bounded(
                    token.id().hash(), token.bounds().calls(), token.bounds().children(), stated));
        });
        return accounts;
    }

    private static TaskStep step(List<TokenAccount> accounts, int cost) {
        return new TaskStep.Call(
                "d",
                accounts,
                Tasks.proof(),
                Collections.nCopies(cost, Tasks.pair("vault:kv.read")),
                true,
                Tasks.FAR_MILLIS);
    }
}
