package dev.errand.web.stage;

import dev.errand.operation.OperationCall;
import dev.errand.state.redis.SecretSeal;
import dev.errand.token.Base64Url;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the bodies that people may read, sealed by the key of use {@code state}: of operations whose catalogue says
 * {@code show: body}, at most {@value #MAX_BYTES} bytes of UTF-8. Thread-safe.
 */
public final class ShownBodies {
    static final int MAX_BYTES = 4 * 1024;

    private final SecretSeal seal;

    ShownBodies(SecretSeal seal) {
        this.seal = seal;
    }

    /**
     * The sealed body of a call; null if people are not shown it.
     *
     * @param request the id of the request, to which the seal is bound
     * @param calls the call's operations, all of which must show their body
     */
    @Nullable String seal(String request, byte @Nullable [] body, List<OperationCall> calls) {
        if (body == null || body.length == 0 || body.length > MAX_BYTES || text(body) == null) {
            return null;
        }
        boolean shown = calls.stream().allMatch(call -> call.operation().showsBody());
        return shown && seal.isPossible() ? Base64Url.encode(seal.seal(context(request), body)) : null;
    }

    /** The text of a sealed body; null if no key of ours sealed it for that request. */
    public @Nullable String open(String request, String sealed) {
        byte[] bytes = Base64Url.decode(sealed);
        byte[] body = bytes == null ? null : seal.open(context(request), bytes);
        return body == null ? null : text(body);
    }

    private static byte[] context(String request) {
        return ("approval body " + request).getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException binary) {
            return null;
        }
    }
}
