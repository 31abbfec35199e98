package dev.errand.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import org.jspecify.annotations.Nullable;

/**
 * Stored templates whose lines of {@code catalogue:*} are spread over the running catalogues. Each revision is spread
 * once: the tasks of other anchors that one revision caps share one template. Holds at most {@value #MOST} templates,
 * all of the policies that were asked for last. Thread-safe, never blocks on input or output.
 */
final class SpreadTemplates {
    private static final int MOST = 64;

    /** @param policies compared by identity: each reload makes a new object */
    private record Spread(Policies policies, Cache<String, Template> byRevision) {}

    private volatile @Nullable Spread last;

    /** The template, spread over these policies; all calls of one revision get the same object. */
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
