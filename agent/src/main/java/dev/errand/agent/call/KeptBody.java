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
 * What has come of a call's body so far, kept so that the call can be sent again: at most 1 MiB. A longer body, or one
 * for which there is no memory, is not kept. Not thread-safe.
 */
final class KeptBody {
    /** The longest body, in bytes, that can be sent again. */
    static final int MOST = 1 << 20;

    private final KeptBodyMemory memory;
    private final long declared;
    private final List<ByteBuf> parts = new ArrayList<>();
    private @Nullable HttpHeaders trailers;
    private long reserved;
    private int size;
    private boolean whole;
    private boolean kept;

    /**
     * @param memory gives the memory. A body of known length gets its memory at once, so that before the call is signed it
     *     is known whether the call can be sent again
     * @param headers of the request, as they are sent to the gateway
     */
    KeptBody(KeptBodyMemory memory, HttpHeaders headers) {
        this.memory = memory;
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
        declared = chunked ? -1 : length == null ? 0 : Long.parseLong(length);
        kept = declared <= MOST && reserve(Math.max(0, declared));
    }

    private boolean reserve(long total) {
        long more = total - reserved;
        if (more > 0 && !memory.enter(more)) {
            return false;
        }
        reserved = Math.max(reserved, total);
        return true;
    }

    /** Whether the tool has sent the whole body. */
    boolean isWhole() {
        return whole;
    }

    /** Whether the first byte of the body, or its end, has come. */
    boolean hasBegun() {
        return size > 0 || whole;
    }

    /** Whether the whole body is kept, or will be, since its known length fits. */
    boolean isRepeatable() {
        return kept && (whole || declared >= 0);
    }

    /** Whether everything that has come so far is kept. */
    boolean isKept() {
        return kept;
    }

    /** Keeps a reference to a part. The caller still owns the part. */
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

    /** Gives the receiver all that has come so far, and still keeps it. */
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

    /** Releases what is kept: the call cannot be sent again. */
    void forget() {
        kept = false;
        parts.forEach(ByteBuf::release);
        parts.clear();
        memory.leave(reserved);
        reserved = 0;
    }
}
