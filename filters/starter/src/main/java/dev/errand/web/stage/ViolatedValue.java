package dev.errand.web.stage;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import dev.errand.operation.OperationCall;
import dev.errand.token.ToolGrant;
import org.jspecify.annotations.Nullable;

/** Says to a verified holder which value an argument had and which it may have. */
final class ViolatedValue {
    /** The most characters of a value. */
    private static final int MAX_VALUE = 128;

    /** The most characters of a constraint. */
    private static final int MAX_GRANT = 256;

    private ViolatedValue() {}

    /** The end of a sentence about an argument of a call that the grant does not allow. */
    static String said(OperationCall call, String argument, @Nullable ToolGrant grant) {
        JsonValue sent = call.arguments().get(argument);
        JsonValue granted = grant == null ? null : grant.toJson().get(argument);
        return (sent == null ? "it is missing" : "it was " + cut(text(sent), MAX_VALUE))
                + (granted == null
                        ? ", and the grant has no such argument"
                        : ", and granted is " + cut(canonical(granted), MAX_GRANT));
    }

    private static String text(JsonValue value) {
        return value instanceof JsonString string ? string.value() : canonical(value);
    }

    /** The canonical text; a number beyond every double has none, and is told as such. */
    private static String canonical(JsonValue value) {
        return Jcs.isAdmissible(value) ? Jcs.canonical(value) : "a number that no double holds";
    }

    private static String cut(String text, int most) {
        int end = Math.min(text.length(), most);
        // Half of a surrogate pair is no text.
        end -= end < text.length() && Character.isHighSurrogate(text.charAt(end - 1)) ? 1 : 0;
        return Printable.line(end < text.length() ? text.substring(0, end) + "…" : text);
    }
}
