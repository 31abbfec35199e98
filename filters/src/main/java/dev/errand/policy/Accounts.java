package dev.errand.policy;

import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.TaskBounds;
import dev.errand.delegation.VerifiedChain;
import dev.errand.limit.Bandwidth;
import dev.errand.limit.TokenBucket;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the calls under a chain are charged to, token by token; a limit that tokens repeat once. Pure. */
public final class Accounts {
    private final TaskPolicy policy;
    private final GoverningPolicies.@Nullable Cap cap;
    /** The limits that the tokens so far are charged for. */
    private final Set<TokenBucket> charged = new HashSet<>();

    private Accounts(TaskPolicy policy, GoverningPolicies.@Nullable Cap cap) {
        this.policy = policy;
        this.cap = cap;
    }

    /**
     * The accounts of the chain's tokens, root first.
     *
     * @param policy the task's
     * @param cap what caps a root of another anchor, or null
     */
    public static List<TokenAccount> of(VerifiedChain chain, TaskPolicy policy, GoverningPolicies.@Nullable Cap cap) {
        Accounts accounts = new Accounts(policy, cap);
        return chain.tokens().stream().map(accounts::account).toList();
    }

    /**
     * A cap's children are each token's: what is derived from one of our own roots has to carry their number on, what another
     * anchor signed has none to carry.
     */
    private TokenAccount account(DelegationToken token) {
        TaskBounds bounds = token.bounds();
        boolean root = token.depth() == 0;
        Long calls = bounds.calls();
        boolean ofTask = root && calls != null && calls.equals(policy.calls());
        Long children = least(bounds.children(), cap == null ? null : cap.children());
        return new TokenAccount(token.id(), ofTask ? null : calls, children, limits(bounds, root));
    }

    /**
     * A derived token has to carry on the limits of the one above it, and mostly does as they are. Where limits are enforced, a
     * bucket carried on never holds less than the one above, which is charged for each of its calls and for its siblings': only
     * the uppermost is charged.
     *
     * <p>Of a root's those that repeat its template's are the task's. The uppermost derived token is charged for such a one all the
     * same: an open route may leave out what the template bounds, not what an agent gave on.
     *
     * <p>A place is that of the limit in its token; a root's that are the task's have none. Records are stored by it.
     */
    private List<TokenAccount.Limit> limits(TaskBounds bounds, boolean root) {
        List<TokenAccount.Limit> limits = new ArrayList<>();
        int place = 0;
        for (TaskBounds.Limit stated : bounds.limits()) {
            TokenBucket bucket = TokenBucket.compile(
                    new Bandwidth(stated.capacity(), Duration.ofSeconds(stated.periodSeconds()), false));
            if (root && policy.limits().contains(bucket)) {
                continue;
            }
            if (charged.add(bucket)) {
                limits.add(new TokenAccount.Limit(place, bucket));
            }
            place++;
        }
        return limits;
    }

    private static @Nullable Long least(@Nullable Long one, @Nullable Long other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return Math.min(one, other);
    }
}
