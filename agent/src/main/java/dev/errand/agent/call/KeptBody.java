package dev.errand.agent.call;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The body of a call as far as it came, so that the call can be sent again: at most 1 MiB. A longer one is not kept. Not
 * thread-safe.
 */
final class KeptBody {
    /** The longest body that is sent twice. */
    static final int MOST = 1 << 20;

    private final long declared;
    private final List<ByteBuf> parts = new ArrayList<>();
    private int size;
    private boolean whole;
    private boolean kept;

    /** @param headers of the request, as it goes on */
    KeptBody(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
        declared = chunked ? -1 : length == null ? 0 : Long.parseLong(length);
        kept = declared <= MOST;
    }

    /** Whether the tool has sent all of it. */
    boolean isWhole() {
        return whole;
    }

    /** Whether a byte of it, or its end, came. */
    boolean hasBegun() {
        return size > 0 || whole;
    }

    /** Whether all of it is here, or is known to fit. */
    boolean isRepeatable() {
        return kept && (whole || declared >= 0);
    }

    /** Takes note of a part, which stays the caller's. */
    void add(HttpContent part) {
        whole |= part instanceof LastHttpContent;
        int length = part.content().readableBytes();
        if (kept && size + length > MOST) {
            forget();
        }
        size = Math.min(MOST, size + length);
        if (kept && length > 0) {
            parts.add(part.content().retainedSlice());
        }
    }

    /** Gives all that came so far, once more. */
    void replay(Consumer<HttpContent> to) {
        for (ByteBuf part : parts) {
            to.accept(new DefaultHttpContent(part.retainedSlice()));
        }
        if (whole) {
            to.accept(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /** Lets go of it: it is not sent again. */
    void forget() {
        kept = false;
        parts.forEach(ByteBuf::release);
        parts.clear();
    }
}
