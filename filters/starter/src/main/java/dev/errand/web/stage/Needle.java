package dev.errand.web.stage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;

/**
 * One text that is looked for in a body which comes in parts. Within a part it looks at one byte in many (Horspool's search). Where
 * two parts meet it goes byte by byte, and keeps how much of the text the last part ended with (Knuth, Morris and Pratt). It
 * copies nothing. Not thread-safe.
 */
final class Needle {
    /** How many bytes at the end of the text decide how far a search may jump; more of them cost more than they save. */
    private static final int DECIDING = 64;

    private static final int BYTES = 256;

    private final byte[] text;
    private final int[] jumps = new int[BYTES];
    private int @Nullable [] borders;
    private int matched;

    /** @param text not empty */
    Needle(String text) {
        this.text = text.getBytes(StandardCharsets.ISO_8859_1);
        int last = this.text.length - 1;
        int deciding = Math.min(DECIDING, this.text.length);
        Arrays.fill(jumps, deciding);
        for (int i = last - deciding + 1; i < last; i++) {
            jumps[this.text[i] & 0xff] = last - i;
        }
    }

    /** Whether the readable bytes hold it. */
    boolean isIn(DataBuffer bytes) {
        int last = text.length - 1;
        int end = bytes.writePosition() - last;
        for (int at = bytes.readPosition(); at < end; ) {
            byte ending = bytes.getByte(at + last);
            if (ending == text[last] && isAt(bytes, at, last)) {
                return true;
            }
            at += jumps[ending & 0xff];
        }
        return false;
    }

    private boolean isAt(DataBuffer bytes, int at, int last) {
        int i = last - 1;
        while (i >= 0 && bytes.getByte(at + i) == text[i]) {
            i--;
        }
        return i < 0;
    }

    /** Takes the next part. Whether it holds the text, or ends one that a part before began. */
    boolean push(DataBuffer part) {
        int last = text.length - 1;
        int from = part.readPosition();
        int to = part.writePosition();
        if (matched > 0 && follow(part, from, Math.min(to, from + last))) {
            return true;
        }
        if (isIn(part)) {
            return true;
        }
        if (to - from >= last) {
            matched = 0;
            return follow(part, to - last, to);
        }
        return matched == 0 && follow(part, from, to);
    }

    /** Goes on from {@code matched}. Whether the whole text came. */
    private boolean follow(DataBuffer part, int from, int to) {
        int[] known = borders();
        int now = matched;
        for (int i = from; i < to; i++) {
            byte next = part.getByte(i);
            while (now > 0 && text[now] != next) {
                now = known[now - 1];
            }
            if (text[now] == next) {
                now++;
            }
            if (now == text.length) {
                return true;
            }
        }
        matched = now;
        return false;
    }

    /** For each beginning of the text the length of the longest shorter beginning with which it ends. */
    private int[] borders() {
        int[] known = borders;
        if (known == null) {
            known = new int[text.length];
            for (int i = 1, now = 0; i < text.length; i++) {
                while (now > 0 && text[now] != text[i]) {
                    now = known[now - 1];
                }
                if (text[now] == text[i]) {
                    now++;
                }
                known[i] = now;
            }
            borders = known;
        }
        return known;
    }

    /** How many bytes of it the parts so far end with. */
    int matched() {
        return matched;
    }
}
