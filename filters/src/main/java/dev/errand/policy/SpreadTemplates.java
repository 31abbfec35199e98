package dev.errand.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.task.template.Template;
import org.jspecify.annotations.Nullable;

/**
 * Stored templates with their lines of {@code catalogue:*} spread over the catalogues that run, each spread once: the tasks of
 * other anchors that are capped by one revision share one template. Holds at most {@value #MOST} templates, of the policies that
 * were asked for last. Thread-safe, never blocks on input or output.
 */
final class SpreadTemplates {
    private static final int MOST = 64;

    /** @param policies compared by identity: a reload makes others */
    private record Spread(Policies policies, Cache<String, Template> byRevision) {}

    private volatile @Nullable Spread last;

    /** This template under these policies; the very same object for each call of one revision. */
    Template of(Template stored, Policies policies) {
        Spread now = last;
        if (now == null || now.policies() != policies) {
            now = new Spread(
                    policies,
                    Caffeine.newBuilder()
                            .maximumSize(MOST)
                            .executor(Runnable::run)
                            .build());
            last = now;
        }
        return now.byRevision()
                .get(
                        stored.revision(),
                        revision -> stored.spread(policies.catalogues().values()));
    }
}
