package dev.errand.token;

import static dev.errand.token.StepException.require;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of {@code authorization_details} that grant or bound authority. Entries of other types do neither.
 *
 * @param capabilities those of type {@code attenuating_agent_token}
 * @param bounds those of type {@code errand_task}
 */
record Details(List<JsonObject> capabilities, List<JsonObject> bounds) {
    /** Sorts the entries by type. Fails, with this step, if the array holds anything except typed objects. */
    static Details of(String step, JsonValue details) throws StepException {
        require(details instanceof JsonArray, step, "authorization_details must be an array");
        List<JsonObject> capabilities = new ArrayList<>();
        List<JsonObject> bounds = new ArrayList<>();
        for (JsonValue element : ((JsonArray) details).values()) {
            String type = element instanceof JsonObject entry ? entry.string("type") : null;
            require(type != null, step, "every entry of authorization_details must have a type");
            if (Capability.TYPE.equals(type)) {
                capabilities.add((JsonObject) element);
            } else if (TaskBounds.TYPE.equals(type)) {
                bounds.add((JsonObject) element);
            }
        }
        return new Details(capabilities, bounds);
    }

    /** The capability; an empty one if there is no entry. */
    Capability capability(String shapeStep, String constraintStep, int maxNesting) throws StepException {
        if (capabilities.isEmpty()) {
            return Capability.EMPTY;
        }
        try {
            return CapabilityParser.parse(capabilities.get(0), maxNesting);
        } catch (MalformedConstraintException e) {
            throw new StepException(e.isShape() ? shapeStep : constraintStep, String.valueOf(e.getMessage()));
        }
    }
}
