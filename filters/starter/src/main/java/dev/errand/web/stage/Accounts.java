package dev.errand.web.stage;

import dev.errand.limit.Bandwidth;
import dev.errand.limit.TokenBucket;
import dev.errand.policy.GoverningPolicies;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import dev.errand.token.DelegationToken;
import dev.errand.token.TaskBounds;
import dev.errand.token.VerifiedChain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The accounts to which the calls under a chain are charged, for each of its tokens. A limit that several tokens repeat
 * is charged once. Pure.
 */
final class Accounts {
    private final TaskPolicy policy;
    private final GoverningPolicies.@Nullable Cap cap;
    /** The limits that an earlier token of the chain is charged for already. */
    private final Set<TokenBucket> charged = new HashSet<>();

    private Accounts(TaskPolicy policy, GoverningPolicies.@Nullable Cap cap) {
        this.policy = policy;
        this.cap = cap;
    }

    /**
     * The accounts of the chain's tokens, root first.
     *
     * @param policy the policy of the task
     * @param cap the cap on a root of another anchor, or null
     */
    public static List<TokenAccount> of(VerifiedChain chain, TaskPolicy policy, GoverningPolicies.@Nullable Cap cap) {
        Accounts accounts = new Accounts(policy, cap);
        return chain.tokens().stream().map(accounts::account).toList();
    }

    /**
     * The account of one token. The number of children in a cap applies to each token: another anchor's root does not
     * state it, so the tokens derived from it do not carry it on, as those of our own roots must.
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
     * The limits that a token is charged for. A derived token must carry on the limits of its parent, and mostly does
     * so unchanged. If limits are enforced, a repeated bucket never holds less than the parent's, which is also charged
     * for the calls of siblings. So only the uppermost of equal buckets is charged.
     *
     * <p>A root's limit that repeats one of its template is charged to the task, not to the root. The uppermost derived
     * token with such a limit is still charged: an open route may ignore the template's bounds, and not those that an
     * agent set.
     *
     * <p>Limits are numbered within their token, without a root's limits that belong to the task. Records store a limit
     * by its number.
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
