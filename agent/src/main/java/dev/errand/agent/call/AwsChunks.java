package dev.errand.agent.call;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decodes a body in {@code aws-chunked}: chunks, each after its size, then trailers. The signatures of chunks are made
 * with the tool's own keys, and are not checked. Not thread-safe.
 */
final class AwsChunks {
    private static final int LONGEST_LINE = 4_096;
    private static final int MOST_TRAILERS = 16;

    private enum State {
        SIZE,
        DATA,
        DATA_END,
        TRAILERS,
        DONE
    }

    private final long length;
    private final StringBuilder line = new StringBuilder();
    private final Map<String, String> trailers = new TreeMap<>();
    private State state = State.SIZE;
    private long left;
    private long decoded;

    /** @param length the decoded length of all chunks together, in bytes */
    AwsChunks(long length) {
        this.length = length;
    }

    /** The body is not in {@code aws-chunked}, or does not have the length that the head states. */
    static final class MalformedChunksException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedChunksException(String message) {
            super(message);
        }
    }

    /** Decodes the next bytes. The caller must release the pieces. */
    List<ByteBuf> decode(ByteBuf in) throws MalformedChunksException {
        List<ByteBuf> pieces = new ArrayList<>();
        try {
            while (in.isReadable()) {
                if (state == State.DATA) {
                    int size = (int) Math.min(left, in.readableBytes());
                    pieces.add(in.readRetainedSlice(size));
                    left -= size;
                    decoded += size;
                    state = left == 0 ? State.DATA_END : State.DATA;
                } else if (lineEnds(in)) {
                    String whole = line.toString();
                    line.setLength(0);
                    read(whole);
                }
            }
            return pieces;
        } catch (MalformedChunksException e) {
            pieces.forEach(ByteBuf::release);
            throw e;
        }
    }

    /** Reads up to the end of a line. Returns whether the end was reached. */
    private boolean lineEnds(ByteBuf in) throws MalformedChunksException {
        while (in.isReadable()) {
            char c = (char) in.readUnsignedByte();
            if (c == '\n') {
                return true;
            }
            if (line.length() >= LONGEST_LINE) {
                throw new MalformedChunksException("a line is too long");
            }
            line.append(c);
        }
        return false;
    }

    private void read(String ended) throws MalformedChunksException {
        if (!ended.endsWith("\r")) {
            throw new MalformedChunksException("a line does not end in CR LF");
        }
        String text = ended.substring(0, ended.length() - 1);
        switch (state) {
            case SIZE -> size(text);
            case DATA_END -> {
                if (!text.isEmpty()) {
                    throw new MalformedChunksException("a chunk is longer than its size");
                }
                state = State.SIZE;
            }
            case TRAILERS -> trailer(text);
            default -> throw new MalformedChunksException("there is more behind the end");
        }
    }

    private void size(String text) throws MalformedChunksException {
        int end = text.indexOf(';');
        String hex = (end < 0 ? text : text.substring(0, end)).strip();
        if (!hex.matches("[0-9A-Fa-f]{1,15}")) {
            throw new MalformedChunksException("a chunk has no size");
        }
        left = Long.parseLong(hex, 16);
        if (decoded + left > length) {
            throw new MalformedChunksException("the chunks are longer than X-Amz-Decoded-Content-Length says");
        }
        state = left == 0 ? State.TRAILERS : State.DATA;
    }

    private void trailer(String text) throws MalformedChunksException {
        if (text.isEmpty()) {
            state = State.DONE;
            return;
        }
        int colon = text.indexOf(':');
        if (colon < 1 || trailers.size() >= MOST_TRAILERS) {
            throw new MalformedChunksException("a trailer is malformed");
        }
        trailers.put(
                text.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                text.substring(colon + 1).strip());
    }

    /** Takes the end of the body. */
    void end() throws MalformedChunksException {
        // Some clients leave out the empty line at the end if they send no trailer.
        boolean ended = state == State.DONE || state == State.TRAILERS && line.length() == 0;
        if (!ended || decoded != length) {
            throw new MalformedChunksException("the body ends before its last chunk");
        }
    }

    /** The trailers; their names are in lower case. */
    Map<String, String> trailers() {
        return trailers;
    }
}
