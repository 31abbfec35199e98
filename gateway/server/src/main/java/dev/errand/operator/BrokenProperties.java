package dev.errand.operator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.offline.proof.PropertyCheck;
import dev.errand.offline.proof.PropertyCheck.Finding;
import dev.errand.policy.LivePolicies;
import dev.errand.proof.Property;
import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The properties that a template does not have, each with the shortest run that shows it as edges of the plan. A template is proved once for
 * each running revision, when somebody first looks at a task of it. Thread-safe, never blocking.
 */
final class BrokenProperties {
    private static final Logger LOG = LoggerFactory.getLogger(BrokenProperties.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int MOST = 64;

    private final Path directory;
    private final LivePolicies live;
    private final Scheduler thread;
    private final Cache<String, CompletableFuture<JsonValue>> proved =
            Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

    /**
     * @param directory of the configuration
     * @param thread one that may work for seconds
     */
    BrokenProperties(Path directory, LivePolicies live, Scheduler thread) {
        this.directory = directory;
        this.live = live;
        this.thread = thread;
    }

    /**
     * The open properties as {@code name}, {@code message} and {@code calls} ({@code state}, {@code next}: the place among what leads on
     * from there, {@code call}: its number in the run); null while they are being proved, or if they cannot be.
     */
    JsonValue of(Template template) {
        Policies policies = live.current();
        String key = policies.revision()
                + template.revision()
                + template.enforced().sequence().digest();
        CompletableFuture<JsonValue> proof = proved.get(
                key,
                any -> Mono.fromCallable(() -> prove(policies, template))
                        .subscribeOn(thread)
                        .doOnError(failed -> LOG.warn(
                                "properties of template {} cannot be proved: {}", template.name(), failed.toString()))
                        .onErrorResume(failed -> !isFull(failed), failed -> Mono.just(JsonNull.NULL))
                        .toFuture());
        if (proof.isCompletedExceptionally()) {
            // Too many proofs wait. The next look asks again.
            proved.asMap().remove(key, proof);
            return JsonNull.NULL;
        }
        return proof.getNow(JsonNull.NULL);
    }

    private static boolean isFull(Throwable failed) {
        return failed instanceof RejectedExecutionException;
    }

    private JsonValue prove(Policies policies, Template template) {
        if (!(template.enforced().sequence() instanceof CompiledSequence sequence)
                || sequence.automaton().isEmpty()
                || !(Yaml.parse("tasks/" + template.name() + ".yaml", template.text(), new Faults())
                        instanceof YamlMap lines)) {
            return JsonNull.NULL;
        }
        PropertyCheck check = new PropertyCheck(directory, policies);
        Faults faults = new Faults();
        List<Property> properties = check.read(faults);
        faults.list().forEach(fault -> LOG.warn("a property is left out: {}", fault));
        List<JsonValue> open = new ArrayList<>();
        for (Finding finding : check.prove(template, lines, properties, LIMIT)) {
            if (finding.isOpen()) {
                open.add(new JsonMembers()
                        .put("name", finding.property().name())
                        .put("message", finding.told().message())
                        .put("calls", calls(finding, sequence.automaton().get()))
                        .toJson());
            }
        }
        return new JsonArray(open);
    }

    private static JsonArray calls(Finding finding, Automaton automaton) {
        List<JsonValue> calls = new ArrayList<>();
        finding.edges(automaton).forEach((edge, numbers) -> {
            int state = 0;
            while (automaton.endEdge(state) <= edge) {
                state++;
            }
            int from = state;
            numbers.forEach(call -> calls.add(new JsonMembers()
                    .put("state", from)
                    .put("next", edge - automaton.firstEdge(from))
                    .put("call", call)
                    .toJson()));
        });
        return new JsonArray(calls);
    }
}
