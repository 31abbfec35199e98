package dev.errand.agent.mcp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads an event stream (HTML, server-sent events) and gives the data of each event that has data: empty data, such as that
 * with which a server tells the id of a stream, is none. An event is at most 4 MiB. Not thread-safe.
 */
final class EventLines {
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

    private final Consumer<byte[]> to;
    private ByteArrayOutputStream line = new ByteArrayOutputStream();
    private ByteArrayOutputStream data = new ByteArrayOutputStream();
    private boolean hasData;
    private boolean afterReturn;

    EventLines(Consumer<byte[]> to) {
        this.to = to;
    }

    /** Takes the next bytes. Returns false if an event is too long. */
    boolean take(byte[] bytes) {
        for (byte b : bytes) {
            boolean second = afterReturn && b == '\n';
            afterReturn = b == '\r';
            if (second) {
                continue;
            }
            if (b == '\n' || b == '\r') {
                byte[] ended = line.toByteArray();
                line = emptied(line);
                ended(ended);
            } else {
                line.write(b);
            }
            if (held() > McpPost.MOST) {
                return false;
            }
        }
        return true;
    }

    /** How many bytes of an unfinished event are held. */
    int held() {
        return line.size() + data.size();
    }

    private void ended(byte[] text) {
        if (text.length == 0) {
            byte[] event = data.toByteArray();
            data = emptied(data);
            hasData = false;
            if (!isBlank(event)) {
                to.accept(event);
            }
        } else if (Arrays.mismatch(text, DATA) == DATA.length || Arrays.equals(text, DATA)) {
            int from = text.length > DATA.length && text[DATA.length] == ' ' ? DATA.length + 1 : DATA.length;
            if (hasData) {
                data.write('\n');
            }
            data.write(text, from, text.length - from);
            hasData = true;
        }
    }

    /** Whether there is nothing but white space. */
    private static boolean isBlank(byte[] text) {
        for (byte b : text) {
            if (b > ' ' || b < 0) {
                return false;
            }
        }
        return true;
    }

    /** An empty buffer; a buffer that has grown long is not used again. */
    private static ByteArrayOutputStream emptied(ByteArrayOutputStream used) {
        if (used.size() > LongAnswers.SHORT) {
            return new ByteArrayOutputStream();
        }
        used.reset();
        return used;
    }
}
