package dev.errand.state.redis.link;

import io.lettuce.core.RedisURI;
import java.util.List;

/**
 * Where the store is.
 *
 * @param nodes one server, or nodes of a cluster from which the others are found
 * @param cluster whether it is a cluster
 */
public record RedisAddress(List<RedisURI> nodes, boolean cluster) {
    public RedisAddress {
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("state.redis must name at least one server");
        }
    }

    /**
     * Parses configured addresses: one {@code redis://} or {@code rediss://} URI for a server, several for a cluster.
     *
     * @throws IllegalArgumentException if one is of another form; the message never shows a password
     */
    public static RedisAddress parse(List<String> addresses) {
        return new RedisAddress(addresses.stream().map(RedisAddress::uri).toList(), addresses.size() > 1);
    }

    private static RedisURI uri(String address) {
        if (!address.startsWith("redis://") && !address.startsWith("rediss://")) {
            throw new IllegalArgumentException(
                    "state.redis must be 'embedded', a redis:// or rediss:// address, or a list of them");
        }
        try {
            return RedisURI.create(address);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "state.redis has an address that is not redis[s]://[user:password@]host:port");
        }
    }
}
