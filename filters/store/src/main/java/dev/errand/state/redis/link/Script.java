package dev.errand.state.redis.link;

import io.lettuce.core.codec.Base16;
import java.nio.charset.StandardCharsets;

/**
 * A script that the store runs. It makes at most one write, and publishes nothing, so that the store's log has single
 * commands and no transaction: a store whose default user has no rights skips each transaction of its log when it
 * starts (see {@code docs/store.md}).
 *
 * @param text the script, in Lua; it returns a string
 * @param sha the digest by which a server that ran the script before knows it, hexadecimal
 */
public record Script(String text, String sha) {
    public static Script of(String text) {
        return new Script(text, Base16.digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
