package dev.errand.agent.call;

import dev.errand.agent.call.AwsChunks.MalformedChunksException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The body of an upload to S3 that its tool sends in chunks with trailers: it goes on as plain bytes. A checksum that stands
 * in the trailers of a part of an upload goes on in the head, which then waits for the whole part. Not thread-safe.
 */
final class AwsBody {
    /** The longest part that waits for its checksum; of a longer one it is left out. */
    private static final long LONGEST_HELD = 16 << 20;

    private static final String LENGTH = "x-amz-decoded-content-length";
    private static final String CHECKSUM = "x-amz-checksum-";

    private final AwsChunks chunks;
    private final long length;
    private final boolean held;

    private AwsBody(long length, boolean held) {
        this.chunks = new AwsChunks(length);
        this.length = length;
        this.held = held;
    }

    /** Whether a request's body is such a one. */
    static boolean isNeeded(HttpHeaders tools) {
        String hash = tools.get("x-amz-content-sha256");
        return hash != null && hash.startsWith("STREAMING-");
    }

    /**
     * Takes the coding out of a request's head; null where the head does not say how long the body is.
     *
     * @param headers as they go on
     */
    static @Nullable AwsBody of(HttpHeaders headers, String target) {
        String said = headers.get(LENGTH);
        if (said == null || !said.matches("[0-9]{1,15}")) {
            return null;
        }
        long length = Long.parseLong(said);
        String trailer = headers.get("x-amz-trailer");
        boolean checksum =
                trailer != null && trailer.strip().toLowerCase(Locale.ROOT).startsWith(CHECKSUM);
        boolean part = target.contains("partNumber=") && target.contains("uploadId=");
        boolean held = checksum && part && length <= LONGEST_HELD;
        headers.remove(LENGTH).remove("x-amz-trailer").remove("trailer").remove(HttpHeaderNames.TRANSFER_ENCODING);
        if (!held) {
            headers.remove("x-amz-sdk-checksum-algorithm");
        }
        String coding = Stream.of(
                        headers.getAsString(HttpHeaderNames.CONTENT_ENCODING) == null
                                ? new String[0]
                                : headers.getAsString(HttpHeaderNames.CONTENT_ENCODING)
                                        .split(","))
                .map(String::strip)
                .filter(name -> !name.equalsIgnoreCase("aws-chunked") && !name.isEmpty())
                .collect(Collectors.joining(", "));
        headers.remove(HttpHeaderNames.CONTENT_ENCODING);
        if (!coding.isEmpty()) {
            headers.set(HttpHeaderNames.CONTENT_ENCODING, coding);
        }
        headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        return new AwsBody(length, held);
    }

    /** Whether the head waits for the whole body. */
    boolean isHeld() {
        return held;
    }

    /** Its length once it is decoded. */
    long length() {
        return length;
    }

    /** Who is given decoded parts. */
    interface Taker {
        void take(HttpContent part);
    }

    /** Decodes a part, and lets go of it. */
    void decode(HttpContent part, HttpHeaders headers, Taker to) throws MalformedChunksException {
        try {
            for (ByteBuf piece : chunks.decode(part.content())) {
                to.take(new DefaultHttpContent(piece));
            }
            if (part instanceof LastHttpContent) {
                chunks.end();
                if (held) {
                    chunks.trailers().forEach((name, value) -> {
                        if (name.startsWith(CHECKSUM)) {
                            headers.set(name, value);
                        }
                    });
                }
                to.take(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        } finally {
            part.release();
        }
    }
}
