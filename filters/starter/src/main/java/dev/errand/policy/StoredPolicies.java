package dev.errand.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.state.StartStore;
import dev.errand.task.TaskPolicy;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import dev.errand.template.TemplateParser.Narrowed;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

    private final Cache<String, Narrowed> narrowed =
            Caffeine.newBuilder().maximumSize(256).executor(Runnable::run).build();

    /** @param running the templates of the running configuration */
    public StoredPolicies(
            Supplier<Collection<Template>> running, StartStore starts, TemplateParser parser, boolean observe) {
        this.running = running;
        this.starts = starts;
        this.parser = parser;
        this.observe = observe;
    }

    /**
     * The policy of a {@code sha-256:} revision; empty if neither this replica nor the shared state has it.
     *
     * @param plan the digest of the narrower plan that governs the task, or null
     */
    public Mono<Optional<TaskPolicy>> find(String revision, @Nullable String plan) {
        return template(revision, plan).map(template -> template.map(this::policyOf));
    }

    /**
     * A template with a narrower plan. Compiling one takes some milliseconds, so that a caller on an event loop asks on another thread
     * first; the plan is then cached.
     *
     * @param steps the plan's steps, as JSON
     */
    public Narrowed narrowed(Template template, String steps) {
        return narrowed.get(
                template.revision() + '\n' + template.enforced().sequence().digest() + '\n' + steps,
                key -> parser.narrowed(template, steps));
    }

    /** The name under which the steps of a narrower plan are kept in the shared state, beside the revisions of templates. */
    public static String planName(String digest) {
        return "plan " + digest;
    }

    /**
     * The template with the plan of that digest; empty if it is not the template's own and the shared state has it no more.
     */
    public Mono<Optional<Template>> planned(Template template, @Nullable String digest) {
        if (digest == null || digest.equals(template.enforced().sequence().digest())) {
            return Mono.just(Optional.of(template));
        }
        String name = template.revision() + '\n' + digest;
        Template known = stored.getIfPresent(name);
        if (known != null) {
            return Mono.just(Optional.of(known));
        }
        return starts.findRevision(planName(digest))
                .publishOn(Schedulers.parallel())
                .map(steps -> steps.map(text -> parser.narrowed(template, text))
                        .filter(Narrowed.Accepted.class::isInstance)
                        .map(accepted -> ((Narrowed.Accepted) accepted).template())
                        .filter(found -> found.enforced().sequence().digest().equals(digest))
                        .map(found -> {
                            stored.put(name, found);
                            return found;
                        }));
    }

    /** The template of a revision with the plan of that digest; null for the template's own. */
    public Mono<Optional<Template>> template(String revision, @Nullable String plan) {
        return template(revision).flatMap(found -> found.isEmpty() ? Mono.just(found) : planned(found.get(), plan));
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
