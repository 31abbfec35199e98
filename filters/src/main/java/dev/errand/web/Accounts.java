package dev.errand.web;

import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.TaskBounds;
import dev.errand.delegation.VerifiedChain;
import dev.errand.limit.Bandwidth;
import dev.errand.limit.TokenBucket;
import dev.errand.policy.GoverningPolicies;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the calls under a chain are charged to, token by token, each bound once. */
final class Accounts {
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
    static List<TokenAccount> of(VerifiedChain chain, TaskPolicy policy, GoverningPolicies.@Nullable Cap cap) {
        Accounts accounts = new Accounts(policy, cap);
        return chain.tokens().stream().map(accounts::account).toList();
    }

    /**
     * A cap's children are each token's: what is derived from one of our own roots has to carry their number on, what another
     * anchor signed has none to carry.
     */
    private TokenAccount account(DelegationToken token) {
        TaskBounds bounds = token.bounds();
        Long children = least(bounds.children(), cap == null ? null : cap.children());
        if (token.depth() > 0) {
            return new TokenAccount(token.id(), bounds.calls(), children, limits(bounds));
        }
        Long calls = bounds.calls();
        boolean repeated = calls != null && calls.equals(policy.calls());
        return new TokenAccount(token.id(), repeated ? null : calls, children, rootLimits(bounds));
    }

    /** Those of a root that only repeat its template's are charged as the task's, and have no place. */
    private List<TokenAccount.Limit> rootLimits(TaskBounds bounds) {
        List<TokenAccount.Limit> limits = new ArrayList<>();
        int place = 0;
        for (TaskBounds.Limit stated : bounds.limits()) {
            TokenBucket bucket = bucket(stated);
            if (policy.limits().contains(bucket)) {
                continue;
            }
            if (charged.add(bucket)) {
                limits.add(new TokenAccount.Limit(place, bucket));
            }
            place++;
        }
        return limits;
    }

    /**
     * A derived token has to carry on the limits of the one above it, and mostly does as they are. A bucket carried on never
     * holds less than the one above, which is charged for each of its calls and for its siblings': only the uppermost is charged.
     * Its place stays that of the limit in its token, under which earlier versions stored it too.
     */
    private List<TokenAccount.Limit> limits(TaskBounds bounds) {
        List<TokenAccount.Limit> limits = new ArrayList<>();
        for (int place = 0; place < bounds.limits().size(); place++) {
            TokenBucket bucket = bucket(bounds.limits().get(place));
            if (charged.add(bucket)) {
                limits.add(new TokenAccount.Limit(place, bucket));
            }
        }
        return limits;
    }

    private static TokenBucket bucket(TaskBounds.Limit limit) {
        return TokenBucket.compile(new Bandwidth(limit.capacity(), Duration.ofSeconds(limit.periodSeconds()), false));
    }

    private static @Nullable Long least(@Nullable Long one, @Nullable Long other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return Math.min(one, other);
    }
}
