package dev.errand.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.state.StartStore;
import dev.errand.task.TaskPolicy;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The policies of the running templates, and of templates that ran when a task started. The text of the latter is in
 * the shared state; it is parsed once, off the event loop, and then cached. Thread-safe.
 */
public final class StoredPolicies {
    private final Supplier<Collection<Template>> running;
    private final StartStore starts;
    private final TemplateParser parser;
    private final boolean observe;
    private final Cache<String, Template> stored =
            Caffeine.newBuilder().maximumSize(512).executor(Runnable::run).build();

    /** @param running the templates of the running configuration */
    public StoredPolicies(
            Supplier<Collection<Template>> running, StartStore starts, TemplateParser parser, boolean observe) {
        this.running = running;
        this.starts = starts;
        this.parser = parser;
        this.observe = observe;
    }

    /** The policy of a {@code sha-256:} revision; empty if neither this replica nor the shared state has it. */
    public Mono<Optional<TaskPolicy>> find(String revision) {
        return template(revision).map(template -> template.map(this::policyOf));
    }

    /** The policy that judges a step on the state of a task under this template. */
    TaskPolicy policyOf(Template template) {
        return template.policy(observe);
    }

    /**
     * The template of a revision, found as by {@link #find}. The caller must spread the {@code catalogue:*} lines of a
     * stored one.
     */
    public Mono<Optional<Template>> template(String revision) {
        for (Template template : running.get()) {
            if (template.revision().equals(revision)) {
                return Mono.just(Optional.of(template));
            }
        }
        Template known = stored.getIfPresent(revision);
        if (known != null) {
            return Mono.just(Optional.of(known));
        }
        return starts.findRevision(revision)
                .publishOn(Schedulers.parallel())
                .map(text -> text.flatMap(parser::parse)
                        .filter(template -> template.revision().equals(revision))
                        .map(template -> {
                            stored.put(revision, template);
                            return template;
                        }));
    }
}
