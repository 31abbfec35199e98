package dev.errand.issuer;

import dev.errand.json.Jcs;
import dev.errand.json.JsonWriter;
import dev.errand.limit.Budgets;
import dev.errand.sequence.PlanView;
import dev.errand.task.TaskState;
import dev.errand.task.TaskView;
import dev.errand.token.DelegationToken;
import dev.errand.token.ToolGrant;
import dev.errand.web.Caller;
import dev.errand.web.ServedRoute;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the state of a task, cut to what the leaf grants. One object for each answer. */
final class ViewJson {
    private static final String OPERATION = "op:";

    private final JsonWriter json = new JsonWriter();
    private final Caller caller;
    private final SortedMap<String, ToolGrant> grants;
    private final Set<String> granted;

    private ViewJson(Caller caller) {
        this.caller = caller;
        this.grants = new TreeMap<>(caller.chain().leaf().capability().tools());
        this.granted = grants.keySet();
        if (caller.templateGrant() != null) {
            granted.retainAll(caller.templateGrant().tools().keySet());
        }
    }

    /** The request for approval that was asked about. */
    record Approval(String id, String state) {}

    /** @param routes the routes of the running configuration */
    static byte[] of(
            Caller caller,
            TaskView view,
            Collection<ServedRoute> routes,
            @Nullable HypotheticalDecision would,
            @Nullable Approval approval,
            Instant now) {
        return new ViewJson(caller).running(view, routes, would, approval, now);
    }

    /** The view of a task that is over: how it ended, and nothing else. */
    static byte[] over(TaskState state, @Nullable Instant at, String why) {
        JsonWriter json = new JsonWriter().object().member("state", state.wire());
        json.name("ended").object();
        if (at == null) {
            json.member("at", (String) null);
        } else {
            json.member("at", at);
        }
        return json.member("why", why).end().end().toBytes();
    }

    private byte[] running(
            TaskView view,
            Collection<ServedRoute> routes,
            @Nullable HypotheticalDecision would,
            @Nullable Approval approval,
            Instant now) {
        DelegationToken leaf = caller.chain().leaf();
        String template = caller.policy().template();
        json.object()
                .member("task", caller.taskLabel())
                .member("state", TaskState.ACTIVE.wire())
                .member("template", template.isEmpty() ? null : template)
                .member("depth", leaf.depth())
                .member("expires_in", Math.max(0, leaf.expiry() - now.getEpochSecond()));
        plan(view);
        grants();
        budgets(view.budgets());
        buckets(view.buckets());
        routes(routes);
        if (would != null) {
            json.name("would")
                    .object()
                    .member("outcome", would.permit() ? "permit" : "deny")
                    .member("code", would.code())
                    .member("detail", would.detail())
                    .end();
        }
        if (approval != null) {
            json.name("approval")
                    .object()
                    .member("id", approval.id())
                    .member("state", approval.state())
                    .end();
        }
        return json.end().toBytes();
    }

    private void plan(TaskView view) {
        PlanView plan = view.plan();
        json.name("plan");
        if (plan == null) {
            json.literal("null");
            return;
        }
        json.object().member("at", view.at()).member("of", plan.states());
        operations("allows", plan.allows());
        operations("interleave", plan.interleave());
        json.end();
    }

    private void operations(String name, List<String> ids) {
        json.name(name).array();
        ids.stream().filter(granted::contains).forEach(json::element);
        json.endArray();
    }

    private void grants() {
        json.name("grants").object();
        grants.forEach((id, grant) -> {
            json.foreignName(id).object().name("arguments");
            json.append(Jcs.canonical(grant.toJson()));
            json.end();
        });
        json.end();
    }

    private void budgets(Budgets budgets) {
        json.name("budgets").object();
        for (int i = 0; i < budgets.size(); i++) {
            json.member(budgets.name(i), budgets.left(i));
        }
        json.end();
    }

    private void buckets(List<TaskView.Bucket> buckets) {
        json.name("buckets").object();
        for (TaskView.Bucket bucket : buckets) {
            String name = bucket.name();
            if (!name.startsWith(OPERATION) || granted.contains(name.substring(OPERATION.length()))) {
                json.foreignName(name)
                        .object()
                        .member("capacity", bucket.capacity())
                        .member("period", bucket.period().toSeconds())
                        .member("left", bucket.left())
                        .end();
            }
        }
        json.end();
    }

    private void routes(Collection<ServedRoute> routes) {
        json.name("routes").array();
        for (ServedRoute route : routes) {
            if (granted.stream().anyMatch(id -> id.startsWith(route.catalogue() + ':'))) {
                json.elementObject()
                        .member("id", route.id())
                        .member("path", route.path())
                        .member("catalogue", route.catalogue())
                        .member("resolver", route.resolver())
                        .member("refusals", route.refusals().wire())
                        .end();
            }
        }
        json.endArray();
    }
}
