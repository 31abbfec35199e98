package dev.errand.operation;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Finds the scalars at the places of pointers, in which {@code *} is any item of an array. Pure. */
public final class Scalars {
    /** The token of a pointer that means any item of an array. */
    public static final String ANY_ITEM = "*";

    private Scalars() {}

    /**
     * Gives the scalars of a document; arrays, objects and null are not scalars.
     *
     * @param returns the place of each value
     */
    public static <K> void in(JsonValue document, Map<K, AnswerPlace> returns, BiConsumer<K, JsonValue> scalar) {
        returns.forEach((name, place) -> walk(document, place, 0, name, scalar));
    }

    private static <K> void walk(JsonValue value, AnswerPlace place, int at, K name, BiConsumer<K, JsonValue> scalar) {
        List<String> tokens = place.pointer().tokens();
        if (at > 0 && at == place.itemDepth() && !place.takes(value)) {
            return;
        } else if (at == tokens.size()) {
            if (!(value instanceof JsonObject) && !(value instanceof JsonArray) && !(value instanceof JsonNull)) {
                scalar.accept(name, value);
            }
        } else if (value instanceof JsonObject object) {
            JsonValue member = object.get(tokens.get(at));
            if (member != null) {
                walk(member, place, at + 1, name, scalar);
            }
        } else if (value instanceof JsonArray array) {
            String token = tokens.get(at);
            for (int i = 0; i < array.values().size(); i++) {
                if (isItem(token, i)) {
                    walk(array.values().get(i), place, at + 1, name, scalar);
                }
            }
        }
    }

    /** Whether a token of a pointer means the item with this index. */
    static boolean isItem(String token, int index) {
        return token.equals(ANY_ITEM) || token.equals(Integer.toString(index));
    }
}
