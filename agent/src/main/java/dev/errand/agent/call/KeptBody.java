package dev.errand.agent.call;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a call as far as it came, so that the call can be sent again: at most 1 MiB. A longer one, or one that finds no
 * room, is not kept. Not
 * thread-safe.
 */
final class KeptBody {
    /** The longest body that is sent twice. */
    static final int MOST = 1 << 20;

    private final KeptRoom room;
    private final long declared;
    private final List<ByteBuf> parts = new ArrayList<>();
    private @Nullable HttpHeaders trailers;
    private long reserved;
    private int size;
    private boolean whole;
    private boolean kept;

    /**
     * @param room is taken at once for a body whose length is known, so that a call that is sent once is signed as such
     * @param headers of the request, as it goes on
     */
    KeptBody(KeptRoom room, HttpHeaders headers) {
        this.room = room;
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
        declared = chunked ? -1 : length == null ? 0 : Long.parseLong(length);
        kept = declared <= MOST && reserve(Math.max(0, declared));
    }

    private boolean reserve(long total) {
        long more = total - reserved;
        if (more > 0 && !room.enter(more)) {
            return false;
        }
        reserved = Math.max(reserved, total);
        return true;
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

    /** Whether all that came so far is here. */
    boolean isKept() {
        return kept;
    }

    /** Takes note of a part, which stays the caller's. */
    void add(HttpContent part) {
        whole |= part instanceof LastHttpContent;
        int length = part.content().readableBytes();
        if (kept && (size + length > MOST || !reserve(size + length))) {
            forget();
        }
        size = Math.min(MOST, size + length);
        if (kept && length > 0) {
            parts.add(part.content().retainedSlice());
        }
        if (kept
                && part instanceof LastHttpContent last
                && !last.trailingHeaders().isEmpty()) {
            trailers = last.trailingHeaders().copy();
        }
    }

    /** Gives all that came so far, once more. */
    void replay(Consumer<HttpContent> to) {
        for (ByteBuf part : parts) {
            to.accept(new DefaultHttpContent(part.retainedSlice()));
        }
        if (whole) {
            HttpHeaders ending = trailers;
            to.accept(
                    ending == null
                            ? LastHttpContent.EMPTY_LAST_CONTENT
                            : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, ending.copy()));
        }
    }

    /** Lets go of it: it is not sent again. */
    void forget() {
        kept = false;
        parts.forEach(ByteBuf::release);
        parts.clear();
        room.leave(reserved);
        reserved = 0;
    }
}
