package dev.errand.web;

import static dev.errand.delegation.TestChains.CHILD_HOLDER;
import static dev.errand.delegation.TestChains.LEAF_HOLDER;
import static dev.errand.delegation.TestChains.TOOLS;
import static dev.errand.delegation.TestChains.capability;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.delegation.TestChains;
import dev.errand.delegation.TestToken;
import dev.errand.delegation.VerifiedChain;
import dev.errand.delegation.chain.ChainResult;
import dev.errand.limit.Bandwidth;
import dev.errand.policy.GoverningPolicies;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        return ((ChainResult.Verified) TestChains.verify(tokens)).chain();
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
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void chargedOnce_decidesAsChargedAlways(long seed) {
        Random random = new Random(seed);
        TaskPolicy policy = Tasks.limits(Tasks.policy(), WIDE);
        String same = limits(WIDE, LONG);
        List<VerifiedChain> chains = List.of(
                chain(same), chain(same, same), chain(same, same, same), chain(same, same, limits(WIDE, LONG, NARROW)));
        List<List<TokenAccount>> once = new ArrayList<>();
        List<List<TokenAccount>> always = new ArrayList<>();
        for (VerifiedChain chain : chains) {
            List<TokenAccount> accounts = Accounts.of(chain, policy, null);
            once.add(accounts);
            List<TokenAccount> all = new ArrayList<>(accounts.subList(0, 1));
            chain.tokens().stream().skip(1).forEach(token -> {
                Bandwidth[] stated = token.bounds().limits().stream()
                        .map(limit -> Tasks.limit(limit.capacity(), Duration.ofSeconds(limit.periodSeconds())))
                        .toArray(Bandwidth[]::new);
                all.add(Tasks.bounded(
                        token.id().hash(),
                        token.bounds().calls(),
                        token.bounds().children(),
                        stated));
            });
            always.add(all);
        }
        Task here = null;
        Task there = null;
        long now = 1_000_000;
        int permitted = 0;
        int refused = 0;
        for (int call = 0; call < 600; call++) {
            int which = random.nextInt(chains.size());
            now += random.nextInt(random.nextInt(20) == 0 ? 9_000 : 250);
            Task.Applied one = Task.apply(policy, here, List.of(step(once.get(which))), now);
            Task.Applied other = Task.apply(policy, there, List.of(step(always.get(which))), now);
            here = one.next();
            there = other.next();
            TaskOutcome outcome = one.outcomes().get(0);
            if (outcome instanceof TaskOutcome.Denied denied) {
                refused++;
                TaskOutcome.Denied that = (TaskOutcome.Denied) other.outcomes().get(0);
                assertThat(denied.denial()).isEqualTo(that.denial());
                assertThat(denied.rate()).isEqualTo(that.rate());
            } else {
                permitted++;
                assertThat(other.outcomes().get(0)).isInstanceOf(TaskOutcome.Permitted.class);
            }
        }
        assertThat(permitted).isGreaterThan(50);
        assertThat(refused).isGreaterThan(50);
    }

    private static TaskStep step(List<TokenAccount> accounts) {
        return new TaskStep.Call(
                "d", accounts, Tasks.proof(), List.of(Tasks.pair("vault:kv.read")), true, Tasks.FAR_MILLIS);
    }
}
