package dev.errand.decision;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.web.Call;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Which calls a gateway that shows no answer may not make. */
final class UnseenCalls {
    private static final String WATCH = "watch";
    private static final String FOLLOW = "follow";
    private static final String LASTS =
            "the answer lasts, and through this gateway it could not be cut when the task ends";

    private UnseenCalls() {}

    /** Why the call is refused, or null. */
    static @Nullable String refuse(Call.Granted call, HttpHeaders fields) {
        if (call.caller().policy().needsAnswers()) {
            return "the plan, a rule or flow-from of the task needs the answers of its calls, which the gateway does not show";
        }
        if (call.listAnswer() != null) {
            return "the answer is a list that is filtered, and the gateway does not show it";
        }
        if (fields.contains(HttpHeaderNames.UPGRADE) || asksToLast(call.target().getRawQuery())) {
            return LASTS;
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
                return LASTS;
            }
        }
        return null;
    }

    /** Whether the query has {@code watch} or {@code follow}, which need not be arguments of the operation. */
    private static boolean asksToLast(@Nullable String query) {
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            String name = URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            if ((name.equals(WATCH) || name.equals(FOLLOW)) && !value.equals("false") && !value.equals("0")) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSet(OperationCall pair, String argument) {
        JsonValue value = pair.arguments().get(argument);
        return value != null
                && !(value instanceof JsonBoolean no && !no.value())
                && !(value instanceof JsonValue.JsonString text
                        && (text.value().equals("false") || text.value().equals("0")));
    }
}
