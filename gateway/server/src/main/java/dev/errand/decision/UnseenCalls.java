package dev.errand.decision;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.web.Call;
import org.jspecify.annotations.Nullable;

/** Which calls a gateway that shows no answer may not make. */
final class UnseenCalls {
    private static final String WATCH = "watch";
    private static final String FOLLOW = "follow";

    private UnseenCalls() {}

    /** Why the call is refused, or null. */
    static @Nullable String refuse(Call.Granted call) {
        if (call.caller().policy().sequence().needsAnswers()) {
            return "the plan or a rule of the task needs the answers of its calls, which the gateway does not show";
        }
        if (call.listAnswer() != null) {
            return "the answer is a list that is filtered, and the gateway does not show it";
        }
        for (OperationCall pair : call.operations()) {
            String id = pair.operation().id();
            String name = id.substring(Math.max(id.lastIndexOf(':'), id.lastIndexOf('.')) + 1);
            boolean lasts = pair.operation().effect() == Effect.CONNECT
                    || id.endsWith(":session.stream")
                    || name.equals(WATCH)
                    || isSet(pair, WATCH)
                    || isSet(pair, FOLLOW);
            if (lasts) {
                return "the answer lasts, and through this gateway it could not be cut when the task ends";
            }
        }
        return null;
    }

    private static boolean isSet(OperationCall pair, String argument) {
        JsonValue value = pair.arguments().get(argument);
        return value != null
                && !(value instanceof JsonBoolean no && !no.value())
                && !(value instanceof JsonValue.JsonString text
                        && (text.value().equals("false") || text.value().equals("0")));
    }
}
