package dev.errand.task;

import dev.errand.token.Sha256;
import java.nio.ByteBuffer;

/**
 * An MCP session in a task's state: 128 bits of a hash over the upstream's catalogue and the session id. The session id
 * itself is stored nowhere. Immutable.
 */
public record SessionId(long high, long low) {
    /**
     * The session of one upstream.
     *
     * @param catalogue the prefix of its operations
     * @param id the value of {@code Mcp-Session-Id}
     */
    public static SessionId of(String catalogue, String id) {
        ByteBuffer bytes = ByteBuffer.wrap(Sha256.of(catalogue + '\n' + id));
        return new SessionId(bytes.getLong(), bytes.getLong());
    }
}
