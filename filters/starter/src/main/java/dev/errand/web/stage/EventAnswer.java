package dev.errand.web.stage;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.AnswerPlace;
import dev.errand.operation.Ignored;
import dev.errand.operation.JsonAnswer;
import dev.errand.operation.Scalars;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the event of a stream (WHATWG HTML section 9.2) that holds the response to a JSON-RPC request, and reads the
 * response's values. It keeps the lines of one event, at most {@link JsonAnswer#MAX_BYTES}. Not thread-safe: one per
 * answer.
 *
 * @param <K> the names of values
 */
final class EventAnswer<K> {
    private final @Nullable JsonValue id;
    private final Map<K, AnswerPlace> returns;
    private final BiConsumer<K, JsonValue> scalar;
    private final ByteArrayOutputStream event = new ByteArrayOutputStream();
    private int lineLength;
    private boolean afterCarriageReturn;
    private boolean tooLong;
    private boolean found;
    private @Nullable Ignored ignored;

    /** @param id of the request; null if it has no id that can be compared */
    public EventAnswer(@Nullable JsonValue id, Map<K, AnswerPlace> returns, BiConsumer<K, JsonValue> scalar) {
        this.id = id;
        this.returns = returns;
        this.scalar = scalar;
    }

    /**
     * Takes the next bytes of the stream.
     *
     * @return the number of these bytes up to the end of the event that holds the response; -1 if that event does not
     *     end here
     */
    public int push(byte[] part) {
        for (int i = 0; i < part.length && !found; i++) {
            byte b = part[i];
            boolean lineFeedOfPair = afterCarriageReturn && b == '\n';
            afterCarriageReturn = b == '\r';
            keep(b);
            if (lineFeedOfPair) {
                continue;
            }
            boolean ends = b == '\n' || b == '\r';
            if (ends && lineLength == 0) {
                take();
                if (found) {
                    return i + 1;
                }
            }
            lineLength = ends ? 0 : lineLength + 1;
        }
        return -1;
    }

    /** Whether the response has come. */
    public boolean isFound() {
        return found;
    }

    /** Why no value of the stream is used, or null. */
    public @Nullable Ignored end() {
        return found ? null : ignored == null ? Ignored.UNANSWERED : ignored;
    }

    private void keep(byte b) {
        if (event.size() < JsonAnswer.MAX_BYTES) {
            event.write(b);
        } else {
            tooLong = true;
        }
    }

    private void take() {
        String text = event.toString(StandardCharsets.UTF_8);
        event.reset();
        if (tooLong) {
            tooLong = false;
            ignored = Ignored.TOO_LONG;
            return;
        }
        StringBuilder data = new StringBuilder();
        for (String line : (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\r\n|\r|\n", -1)) {
            if (line.startsWith("data:")) {
                data.append(data.isEmpty() ? "" : "\n").append(line.substring(line.startsWith("data: ") ? 6 : 5));
            }
        }
        if (data.toString().isBlank()) {
            return;
        }
        try {
            if (Json.parse(data.toString()) instanceof JsonObject message && isResponse(message)) {
                found = true;
                Scalars.in(message, returns, scalar);
            }
        } catch (MalformedJsonException malformed) {
            ignored = Ignored.MALFORMED;
        }
    }

    private boolean isResponse(JsonObject message) {
        JsonValue answered = message.get("id");
        if (answered == null || message.get("method") != null) {
            return false;
        }
        boolean whole = message.get("result") != null || message.get("error") != null;
        return whole && (id == null || isSame(answered, id));
    }

    private static boolean isSame(JsonValue answered, JsonValue asked) {
        return answered.equals(asked)
                || (answered instanceof JsonNumber one
                        && asked instanceof JsonNumber other
                        && one.asDouble() == other.asDouble());
    }
}
