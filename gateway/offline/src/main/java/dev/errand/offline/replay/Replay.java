package dev.errand.offline.replay;

import dev.errand.json.Folding;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.kubernetes.KubernetesCatalogue;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides recorded tasks again under other templates. Immutable and thread-safe.
 *
 * @param policies has the catalogues, which say what an operation does
 * @param observe whether the templates only observe
 */
public record Replay(Policies policies, boolean observe) {
    /** Every decision of the task, in order, decided again under the template. */
    public List<Redecision> of(RecordedTask task, Template template) {
        return new TaskReplay(this, task, template).run();
    }

    /** The permitted calls of the tasks that the template refuses. */
    public RefusedCalls refused(List<RecordedTask> tasks, Template template) {
        return RefusedCalls.of(this, tasks, template);
    }

    Operation operation(String id) {
        OperationCatalogue catalogue = catalogue(id);
        return (catalogue == null ? java.util.Optional.<Operation>empty() : catalogue.operation(id))
                .orElse(new Operation(id, Effect.UNREVIEWED, false, false));
    }

    /** Whether the operation's argument came as text, which also equals the number that it spells. */
    public boolean isText(String id, String argument) {
        return operation(id).values().test(argument);
    }

    /** Whether answers of the operation have a value of this name; true for an operation of no known catalogue. */
    public boolean returns(String id, String name) {
        return catalogue(id) == null || operation(id).values().returns().containsKey(name);
    }

    boolean mayBeDryRun(String id) {
        return catalogue(id) instanceof KubernetesCatalogue;
    }

    Folding folding(String id) {
        OperationCatalogue catalogue = catalogue(id);
        return catalogue == null ? Folding.NONE : catalogue.folding();
    }

    private @Nullable OperationCatalogue catalogue(String id) {
        return policies.catalogueOf(id);
    }
}
