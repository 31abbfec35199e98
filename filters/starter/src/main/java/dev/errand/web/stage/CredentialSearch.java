package dev.errand.web.stage;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;

/**
 * The search of one answer's body, which comes in parts, for the credential that the gateway sent: as it was sent, and as
 * JSON may escape it. Not thread-safe.
 */
final class CredentialSearch {
    /** With fewer bytes of a credential at its end, a part goes on: they tell too little to hold back what the agent waits for. */
    private static final int TELLING = 4;

    private final List<Needle> plain;
    private final List<Needle> unescaped;
    private final @Nullable JsonEscapes escapes;
    private long left;

    /**
     * @param secrets what is looked for; none is empty
     * @param escapable whether it is looked for in what JSON escapes, too
     * @param most after so many bytes nothing is looked for
     */
    CredentialSearch(List<String> secrets, boolean escapable, long most) {
        this.plain = secrets.stream().map(Needle::new).toList();
        this.unescaped = escapable ? secrets.stream().map(Needle::new).toList() : List.of();
        this.escapes = escapable ? new JsonEscapes() : null;
        this.left = most;
    }

    /** Whether a body holds it. */
    boolean isIn(DataBuffer whole) {
        if (isAnyIn(plain, whole)) {
            return true;
        }
        DataBuffer read = escapes == null ? whole : escapes.without(whole);
        return read != whole && isAnyIn(unescaped, read);
    }

    private static boolean isAnyIn(List<Needle> needles, DataBuffer bytes) {
        for (int i = 0; i < needles.size(); i++) {
            if (needles.get(i).isIn(bytes)) {
                return true;
            }
        }
        return false;
    }

    /** Takes the next part of a body. Whether the parts so far hold it. */
    boolean push(DataBuffer part) {
        if (left <= 0) {
            return false;
        }
        left -= part.readableByteCount();
        return push(plain, part) || (escapes != null && push(unescaped, escapes.without(part)));
    }

    private static boolean push(List<Needle> needles, DataBuffer part) {
        for (int i = 0; i < needles.size(); i++) {
            if (needles.get(i).push(part)) {
                return true;
            }
        }
        return false;
    }

    /**
     * How many bytes at the end of the parts so far may be the beginning of a credential, so that the next part decides. At most
     * the length of the longest credential, with each byte escaped; 0 if the next part decides nothing.
     */
    int openBytes() {
        if (left <= 0) {
            return 0;
        }
        int escaped = matched(unescaped);
        return Math.max(
                matched(plain), escaped == 0 ? 0 : escaped * JsonEscapes.MOST_BYTES + JsonEscapes.MOST_BYTES - 1);
    }

    /** The longest beginning with which the parts so far end; 0 if none tells enough. */
    private static int matched(List<Needle> needles) {
        int most = 0;
        for (int i = 0; i < needles.size(); i++) {
            most = Math.max(most, needles.get(i).matched());
        }
        return most < TELLING ? 0 : most;
    }
}
