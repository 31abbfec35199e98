package dev.errand.agent;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The two messages of the Workload API that the companion needs, in protobuf's encoding (SPIFFE Workload API, section
 * 6). The client of gRPC would be three times as large as the companion.
 */
final class SvidMessages {
    /** Field 1, of variable length: {@code audience}, {@code svids}. */
    private static final int FIRST = 0x0a;

    /** Field 2, of variable length: {@code svid}. */
    private static final int SECOND = 0x12;

    private SvidMessages() {}

    /** A {@code JWTSVIDRequest} for one audience, as gRPC frames it. */
    static byte[] request(String audience) {
        byte[] text = audience.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(FIRST);
        length(message, text.length);
        message.writeBytes(text);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0);
        for (int shift = 24; shift >= 0; shift -= 8) {
            frame.write(message.size() >>> shift);
        }
        frame.writeBytes(message.toByteArray());
        return frame.toByteArray();
    }

    private static void length(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /** The first SVID of a framed {@code JWTSVIDResponse}; null if there is none. */
    static @Nullable String svid(byte[] frame) {
        Field svids = frame.length < 5 || frame[0] != 0 ? null : Field.find(frame, 5, frame.length, FIRST);
        Field svid = svids == null ? null : Field.find(frame, svids.start, svids.end, SECOND);
        return svid == null ? null : new String(frame, svid.start, svid.end - svid.start, StandardCharsets.US_ASCII);
    }

    /** The range of a field's content in the message. */
    private record Field(int start, int end) {
        static @Nullable Field find(byte[] bytes, int from, int to, int wanted) {
            int at = from;
            while (at < to) {
                int tag = bytes[at++] & 0xff;
                int length = 0;
                boolean more = true;
                for (int shift = 0; more && at < to && shift < 28; shift += 7) {
                    more = bytes[at] < 0;
                    length |= (bytes[at++] & 0x7f) << shift;
                }
                boolean text = (tag & 0x07) == 2;
                if (text && (length < 0 || length > to - at)) {
                    return null;
                }
                if (text && tag == wanted) {
                    return new Field(at, at + length);
                }
                at += text ? length : 0;
            }
            return null;
        }
    }
}
