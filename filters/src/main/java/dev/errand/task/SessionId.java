package dev.errand.task;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * An MCP session as a task's state knows it: 128 bits of a hash over the upstream's catalogue and the session id, which
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
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((catalogue + '\n' + id).getBytes(StandardCharsets.UTF_8));
            ByteBuffer bytes = ByteBuffer.wrap(digest);
            return new SessionId(bytes.getLong(), bytes.getLong());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
