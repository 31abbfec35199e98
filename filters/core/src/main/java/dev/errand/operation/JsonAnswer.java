package dev.errand.operation;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonTokens;
import dev.errand.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of a JSON answer as it streams past. It keeps only the current token and its path, or the whole
 * answer if other members of an item decide whether its value is taken. An answer that is longer than
 * {@link #MAX_BYTES}, or is not JSON, returns no values. Not thread-safe: one per answer.
 *
 * @param <K> the names of values
 */
public final class JsonAnswer<K> {
    /** The longest answer whose values are read, in bytes. */
    public static final int MAX_BYTES = 256 * 1024;

    private final Map<K, AnswerPlace> returns;
    private final BiConsumer<K, JsonValue> scalar;
    private final JsonTokens tokens;
    /** The whole answer, if other members decide which values are taken; else null. */
    private final @Nullable ByteArrayOutputStream whole;

    private long bytes;
    private @Nullable Ignored ignored;

    /**
     * @param returns the place of each value
     * @param scalar gets each value in the order of the answer; they may be used only if {@link #end} then returns null
     */
    public JsonAnswer(Map<K, AnswerPlace> returns, BiConsumer<K, JsonValue> scalar) {
        this.returns = returns;
        this.scalar = scalar;
        this.whole = returns.values().stream().allMatch(place -> place.where().isEmpty())
                ? null
                : new ByteArrayOutputStream();
        this.tokens = new JsonTokens(this::found);
    }

    /** Takes the next bytes of the answer. */
    public void push(byte[] part) {
        if (ignored != null) {
            return;
        }
        bytes += part.length;
        if (bytes > MAX_BYTES) {
            ignored = Ignored.TOO_LONG;
            return;
        }
        if (whole != null) {
            whole.writeBytes(part);
            return;
        }
        try {
            tokens.push(part);
        } catch (MalformedJsonException malformed) {
            ignored = Ignored.MALFORMED;
        }
    }

    /** Whether no value of the answer will be used, whatever follows. */
    public boolean isIgnored() {
        return ignored != null;
    }

    /** Ends the answer. Returns why none of its values may be used, or null. */
    public @Nullable Ignored end() {
        if (ignored == null) {
            try {
                if (whole == null) {
                    tokens.end();
                } else {
                    Scalars.in(Json.parse(whole.toByteArray()), returns, scalar);
                }
            } catch (MalformedJsonException malformed) {
                ignored = Ignored.MALFORMED;
            }
        }
        return ignored;
    }

    private void found(JsonTokens.Way way, JsonTokens.Scalar value) throws MalformedJsonException {
        for (Map.Entry<K, AnswerPlace> each : returns.entrySet()) {
            if (leads(way, each.getValue().pointer())) {
                scalar.accept(each.getKey(), value.read());
            }
        }
    }

    private static boolean leads(JsonTokens.Way way, JsonPointer pointer) {
        if (way.depth() != pointer.tokens().size()) {
            return false;
        }
        for (int i = 0; i < way.depth(); i++) {
            String token = pointer.tokens().get(i);
            String member = way.member(i);
            if (member == null ? !Scalars.isItem(token, way.index(i)) : !member.equals(token)) {
                return false;
            }
        }
        return true;
    }
}
