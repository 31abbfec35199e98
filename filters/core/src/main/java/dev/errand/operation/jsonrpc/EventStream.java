package dev.errand.operation.jsonrpc;

import dev.errand.operation.jsonrpc.ListAnswer.UnreadableAnswerException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Filters the lists in an event stream (WHATWG HTML section 9.2) while it flows. An event is passed on after its blank
 * line has come, byte for byte unless something was removed from its data. Not thread-safe: one per stream.
 */
public final class EventStream {
    private final ListAnswer lists;
    private final ByteArrayOutputStream event = new ByteArrayOutputStream();
    private int lineLength;
    private boolean afterCarriageReturn;
    private boolean complete;

    EventStream(ListAnswer lists) {
        this.lists = lists;
    }

    /** Takes the next bytes, and returns the bytes that may be passed on now; none while an event is incomplete. */
    public byte[] push(byte[] chunk) throws UnreadableAnswerException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(chunk.length);
        for (byte b : chunk) {
            boolean lineFeedOfPair = afterCarriageReturn && b == '\n';
            if (complete && !lineFeedOfPair) {
                out.writeBytes(take());
            }
            event.write(b);
            if (event.size() > ListAnswer.MAX_BYTES) {
                throw new UnreadableAnswerException("an event longer than " + ListAnswer.MAX_BYTES + " bytes");
            }
            if (!lineFeedOfPair) {
                boolean ends = b == '\n' || b == '\r';
                complete = ends && lineLength == 0;
                lineLength = ends ? 0 : lineLength + 1;
            }
            afterCarriageReturn = b == '\r';
            if (complete && b == '\n') {
                out.writeBytes(take());
            }
        }
        if (complete) {
            out.writeBytes(take());
        }
        return out.toByteArray();
    }

    private byte[] take() throws UnreadableAnswerException {
        byte[] raw = event.toByteArray();
        event.reset();
        complete = false;
        String text = new String(raw, StandardCharsets.UTF_8);
        StringBuilder data = new StringBuilder();
        StringBuilder rest = new StringBuilder();
        boolean any = false;
        for (String line : (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\r\n|\r|\n", -1)) {
            if (line.equals("data") || line.startsWith("data:")) {
                String value = line.length() <= 5 ? "" : line.substring(5);
                data.append(any ? "\n" : "").append(value.startsWith(" ") ? value.substring(1) : value);
                any = true;
            } else if (!line.isEmpty()) {
                rest.append(line).append('\n');
            }
        }
        if (data.toString().isBlank()) {
            return raw;
        }
        byte[] sent = data.toString().getBytes(StandardCharsets.UTF_8);
        byte[] filtered = lists.json(sent);
        return filtered == sent
                ? raw
                : (rest + "data: " + new String(filtered, StandardCharsets.UTF_8) + "\n\n")
                        .getBytes(StandardCharsets.UTF_8);
    }
}
