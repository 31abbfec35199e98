package dev.errand.operation;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.Simple.FLAG;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.text;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code returns} of one operation: the places of values in its answers. */
public final class Returns {
    private static final String PATTERN = "body:.*";
    private static final String AT = "at";
    private static final String WHERE = "where";
    private static final String AUTHORITY = "authority";
    private static final String RECORD = "record";

    private static final Keys PLACE = Keys.of(
            "answer-place",
            required(AT, text(PATTERN), "The place: body:<JSON pointer> with * for any item of an array."),
            optional(
                    WHERE,
                    Keys.of("item-conditions").others("/.*", AnswerCondition.CONSTANTS),
                    "Pointers below the item at the last *, each with a condition. Only values of items that satisfy all are taken."),
            optional(
                            AUTHORITY,
                            FLAG,
                            "No caller of this gateway can choose the value, so `flow-from` takes it at any time.")
                    .or("false"),
            optional(RECORD, FLAG, "The value goes into the record of the call's outcome, where `learn` reads it.")
                    .or("false"));

    /** The key's value: a place in the answer for each name. */
    public static final Keys KEYS = Keys.of("returns").others(either(text(PATTERN), PLACE));

    private static final String BODY = "body:";
    private static final int MAX_NAMES = 16;
    private static final int MAX_TOKENS = 32;
    private static final int MAX_NAME = 64;

    private Returns() {}

    /** The places by name, without those that have a fault. */
    public static Map<String, AnswerPlace> read(YamlNode node, Faults faults) {
        YamlMap map = node.map(faults);
        Map<String, AnswerPlace> returns = new LinkedHashMap<>();
        if (map == null) {
            return returns;
        }
        if (map.members().isEmpty() || map.members().size() > MAX_NAMES) {
            faults.add(
                    node.at(),
                    "`returns` names 1 to " + MAX_NAMES + " values, found "
                            + map.members().size());
        }
        map.members().forEach((name, value) -> {
            AnswerPlace place = value instanceof YamlMap form ? place(form, faults) : of(value, faults);
            if (name.isEmpty() || name.length() > MAX_NAME) {
                faults.add(map.at(name), "the name of a value has 1 to " + MAX_NAME + " characters");
            } else if (place != null) {
                returns.put(name, place);
            }
        });
        return returns;
    }

    private static @Nullable AnswerPlace of(YamlNode value, Faults faults) {
        String text = value.string(faults);
        JsonPointer pointer =
                text == null || !text.startsWith(BODY) ? null : JsonPointer.parse(text.substring(BODY.length()));
        if (pointer != null && pointer.tokens().size() <= MAX_TOKENS) {
            return new AnswerPlace(pointer);
        } else if (text != null) {
            faults.add(
                    value.at(),
                    "'" + text + "' is no place in an answer: write body:<JSON pointer> with * for any item of an"
                            + " array, such as body:/items/*/id");
        }
        return null;
    }

    private static @Nullable AnswerPlace place(YamlMap form, Faults faults) {
        form.unknownKeys(faults, PLACE);
        YamlNode at = form.required(AT, faults);
        AnswerPlace place = at == null ? null : of(at, faults);
        YamlNode node = form.optional(WHERE);
        YamlMap conditions = node == null ? null : node.map(faults);
        Map<JsonPointer, AnswerCondition> where = new LinkedHashMap<>();
        if (conditions != null) {
            if (place != null && place.itemDepth() == 0) {
                faults.add(conditions.at(), "`where` chooses among items: `at` needs a * for any item of an array");
            }
            if (conditions.members().isEmpty() || conditions.members().size() > MAX_NAMES) {
                faults.add(conditions.at(), "`where` has 1 to " + MAX_NAMES + " conditions");
            }
            conditions.members().forEach((key, value) -> {
                JsonPointer below = JsonPointer.parse(key);
                if (below == null
                        || below.tokens().size() > MAX_TOKENS
                        || below.tokens().contains(Scalars.ANY_ITEM)) {
                    faults.add(conditions.at(key), "'" + key + "' is no JSON pointer below an item, such as /state");
                }
                AnswerCondition condition = AnswerCondition.read(value, AnswerCondition.CONSTANTS, faults);
                if (below != null && condition != null) {
                    where.put(below, condition);
                }
            });
        }
        boolean authority = form.bool(AUTHORITY, false, faults);
        if (authority) {
            faults.warnOnce(
                    form.at(AUTHORITY),
                    "values with `authority: true` fix arguments after untrusted content, too: make sure that no caller of"
                            + " this gateway can write them, and neither can whoever writes the content");
        }
        boolean record = form.bool(RECORD, false, faults);
        return place == null ? null : new AnswerPlace(place.pointer(), where, authority, record);
    }
}
