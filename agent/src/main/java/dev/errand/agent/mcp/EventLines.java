package dev.errand.agent.mcp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads an event stream (HTML, server-sent events) and gives the data of each event that has some. An event is at most 16 MiB.
 * Not thread-safe.
 */
final class EventLines {
    private static final int MOST = 16 << 20;

    private final Consumer<String> to;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private boolean hasData;
    private boolean afterReturn;

    EventLines(Consumer<String> to) {
        this.to = to;
    }

    /** Takes the next bytes; false where an event is too long. */
    boolean take(byte[] bytes) {
        for (byte b : bytes) {
            boolean second = afterReturn && b == '\n';
            afterReturn = b == '\r';
            if (second) {
                continue;
            }
            if (b == '\n' || b == '\r') {
                ended(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else {
                line.write(b);
            }
            if (line.size() + data.length() > MOST) {
                return false;
            }
        }
        return true;
    }

    private void ended(String text) {
        if (text.isEmpty()) {
            if (hasData) {
                to.accept(data.toString());
            }
            data.setLength(0);
            hasData = false;
        } else if (text.startsWith("data:")) {
            String value = text.substring("data:".length());
            data.append(hasData ? "\n" : "").append(value.startsWith(" ") ? value.substring(1) : value);
            hasData = true;
        }
    }
}
