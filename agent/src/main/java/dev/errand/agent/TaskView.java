package dev.errand.agent;

import dev.errand.agent.call.Answer;
import dev.errand.agent.call.HeldTask;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code GET /oauth2/task} tells about the token, as far as the companion needs it.
 *
 * @param task the task's id
 * @param routes the routes whose operations the token grants
 */
record TaskView(String task, List<TaskRoute> routes) {
    public TaskView {
        routes = List.copyOf(routes);
    }

    /** Reads an answer. Entries that are no routes are skipped. */
    public static TaskView of(Answer answer, HeldTask held) {
        JsonObject json = answer.json();
        List<TaskRoute> routes = new ArrayList<>();
        if (json.get("routes") instanceof JsonArray array) {
            for (JsonValue value : array.values()) {
                TaskRoute route = value instanceof JsonObject object ? TaskRoute.of(object) : null;
                if (route != null) {
                    routes.add(route);
                }
            }
        }
        String task = json.string("task");
        return new TaskView(task == null ? held.id() : task, routes);
    }
}
