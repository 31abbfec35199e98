package dev.errand.web.stage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.policy.GoverningPolicies;
import dev.errand.token.DelegationToken;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.TokenId;
import dev.errand.token.VerifiedChain;
import dev.errand.web.Revision;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Finds the standing of a chain: the policy that governs its task, and the accounts that its calls are charged to. The
 * standing is found once for each chain, since a task keeps the revision that it began under. For a root of another
 * anchor it is found again for each revision, since the caps of that anchor may change. Bounded; thread-safe.
 */
final class GovernedChains {
    private static final Denial GONE =
            new Denial(DenyReason.TASK_ENDED, null, "the template revision that the task runs under is gone");

    /** The approximate bound of the kept standings, in bytes. */
    private static final long MAX_WEIGHT = 24L << 20;

    private final GoverningPolicies policies;
    private final Cache<TokenId, Kept> standings = PerChain.cache(
            Ticker.systemTicker(), MAX_WEIGHT, (leaf, kept) -> kept.standing().weight());

    /**
     * A standing that was found.
     *
     * @param revision the revision whose caps were used; null if no later revision can differ
     */
    private record Kept(GovernedChain standing, @Nullable Revision revision) {}

    GovernedChains(GoverningPolicies policies) {
        this.policies = policies;
    }

    /** The outcome of a search. */
    sealed interface Found {
        record Accepted(GovernedChain standing) implements Found {}

        /**
         * The template does not govern the chain, or is gone.
         *
         * @param cause why another anchor's root starts no task; null for any other chain
         */
        record Refused(Denial denial, GoverningPolicies.Found.@Nullable Refused cause) implements Found {}
    }

    /** The chain's standing under a revision, if this replica remembers it; else null. */
    @Nullable Found remembered(VerifiedChain chain, Revision revision) {
        Kept known = standings.getIfPresent(chain.leaf().id());
        return known != null && (known.revision() == null || known.revision() == revision)
                ? new Found.Accepted(known.standing())
                : null;
    }

    /** Finds the chain's standing under a revision, and remembers it. */
    Mono<Found> find(VerifiedChain chain, Revision revision) {
        return policies.of(chain, revision.policies(), revision.trust().anchors())
                .map(found -> {
                    if (found instanceof GoverningPolicies.Found.Accepted governed) {
                        GovernedChain standing = standing(chain, governed);
                        standings.put(chain.leaf().id(), new Kept(standing, governed.ours() ? null : revision));
                        return new Found.Accepted(standing);
                    }
                    return found instanceof GoverningPolicies.Found.Refused refused
                            ? new Found.Refused(
                                    new Denial(DenyReason.INVALID_TOKEN, refused.step(), refused.reason()), refused)
                            : new Found.Refused(GONE, null);
                });
    }

    private static GovernedChain standing(VerifiedChain chain, GoverningPolicies.Found.Accepted governed) {
        List<Holder> holders = new ArrayList<>();
        for (DelegationToken token : chain.tokens()) {
            // Our issuer authenticated the agent of a root that it issued. How another anchor did that is not known.
            boolean attested = token.depth() == 0 && governed.ours();
            holders.add(new Holder(token.holder().thumbprint(), token.actor(), attested));
        }
        return new GovernedChain(
                governed.task(),
                governed.task().value(),
                Holders.of(holders),
                Accounts.of(chain, governed.policy(), governed.cap()),
                governed);
    }
}
