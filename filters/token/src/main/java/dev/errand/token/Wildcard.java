package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;

/** {@code wildcard}: any argument at all. */
record Wildcard() implements Constraint {
    public static final Wildcard ANY = new Wildcard();

    @Override
    public boolean check(JsonValue argument) {
        return true;
    }

    @Override
    public boolean subsumes(Constraint child) {
        return true;
    }

    @Override
    public Constraint folded(Folding folding) {
        return this;
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of("wildcard");
    }
}
