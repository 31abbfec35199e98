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
 * The body of an S3 upload in {@code aws-chunked}: chunks, then trailers. The gateway gets it decoded. If the body is a
 * part of a multipart upload, a checksum in its trailers goes into the head of the call, which is then sent after the
 * whole part has come. Not thread-safe.
 */
final class AwsBody {
    /** Longest part, in bytes, that is held until its checksum has come. A longer part is sent without the checksum. */
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

    /** Whether the body of a request is in {@code aws-chunked}. */
    static boolean isNeeded(HttpHeaders tools) {
        String hash = tools.get("x-amz-content-sha256");
        return hash != null && hash.startsWith("STREAMING-");
    }

    /**
     * Removes the coding from the head of a request.
     *
     * @param headers as they are sent to the gateway
     * @return null where the head does not say how long the decoded body is
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

    /** Whether the head is sent only after the whole body has come. */
    boolean isHeld() {
        return held;
    }

    /** The length of the decoded body, in bytes. */
    long length() {
        return length;
    }

    /** Receives the decoded parts. */
    interface Taker {
        void take(HttpContent part);
    }

    /** Decodes a part of the body, and releases it. After the last part, {@code headers} hold the checksum. */
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
