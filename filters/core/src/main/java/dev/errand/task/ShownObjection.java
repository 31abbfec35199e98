package dev.errand.task;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.rule.Counts;
import dev.errand.token.Sha256;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One objection to a call, as people are shown it. Immutable.
 *
 * @param code the code that the refusal would have
 * @param at where the objecting plan step or rule was written ({@code file:line}); null if neither objects
 * @param counted how much the objecting rule had counted without the call
 * @param place what objects, as a number that is unique within a revision: the plan before the rules, then
 *     {@link #FLOW} and {@link #ALWAYS}
 * @param sentence what objects, for people
 * @param unknown the decisions of the calls whose outcome is unknown, where that outcome objects; empty if it objects whatever
 *     became of other calls
 */
public record ShownObjection(
        String code, @Nullable String at, Counts counted, int place, String sentence, List<String> unknown) {
    /** The place of the flow rule. */
    public static final int FLOW = Integer.MAX_VALUE - 1;

    /** The place of {@code ask: always}. */
    public static final int ALWAYS = Integer.MAX_VALUE;

    /** The most objections about which people are asked. */
    public static final int MOST = 16;

    public ShownObjection {
        unknown = List.copyOf(unknown);
    }

    /** Whether {@link #isShown} holds for each of these objections. */
    public static boolean areShown(List<ShownObjection> standing, List<ShownObjection> shown) {
        return standing.stream().allMatch(each -> each.isShown(shown));
    }

    /**
     * Whether people were shown this objection, and no lower count. An objection that depends on unknown outcomes covers no
     * definite one, and none that depends on other calls.
     */
    public boolean isShown(List<ShownObjection> shown) {
        return shown.stream()
                .anyMatch(each -> each.place == place && counted.isWithin(each.counted) && isNoMoreThan(each));
    }

    private boolean isNoMoreThan(ShownObjection shown) {
        return shown.unknown.isEmpty() || (!unknown.isEmpty() && shown.unknown.containsAll(unknown));
    }

    ShownObjection counting(Counts other) {
        return new ShownObjection(code, at, other, place, sentence, unknown);
    }

    /** {@code [{code, at, counted}]}; {@code counted} is null for an objection that counts nothing. */
    public static JsonArray list(List<ShownObjection> objections) {
        return new JsonArray(
                objections.stream().<JsonValue>map(ShownObjection::toJson).toList());
    }

    private JsonObject toJson() {
        JsonMembers members = new JsonMembers();
        members.put("code", code);
        members.orNull("at", at);
        members.put("counted", counted.equals(Counts.NONE) ? JsonNull.NULL : JsonNumber.of(counted.highest()));
        return members.toJson();
    }

    /** Base64url SHA-256 of the JCS of the list. */
    public static String hash(List<ShownObjection> objections) {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(list(objections)));
    }
}
