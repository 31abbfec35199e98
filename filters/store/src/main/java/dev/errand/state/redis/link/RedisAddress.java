package dev.errand.state.redis.link;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.util.List;

/**
 * The address of the store.
 *
 * @param nodes one server, or the sentinels that know it as one address, or some nodes of a cluster, which name the
 *     others
 * @param kind what the addresses lead to
 * @param access how the gateway and the store prove to each other who they are
 */
public record RedisAddress(List<RedisURI> nodes, Kind kind, StoreAccess access) {
    /** What an address leads to. */
    public enum Kind {
        /** One server. It may be a node of a cluster, like the one name of a managed cluster; the server is asked. */
        SERVER,
        /** Nodes of a cluster. */
        CLUSTER,
        /** Sentinels, which know the address of the server. */
        SENTINEL
    }

    public RedisAddress {
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("state.redis must name at least one server");
        }
    }

    /** As {@link #parse(List, StoreAccess)}, if the addresses contain everything. */
    public static RedisAddress parse(List<String> addresses) {
        return parse(addresses, StoreAccess.NONE);
    }

    /**
     * Parses configured addresses: one {@code redis://} or {@code rediss://} URI for a server, several for a cluster,
     * one {@code redis-sentinel://} or {@code rediss-sentinel://} URI with all sentinels and the name of the master.
     *
     * @throws IllegalArgumentException if an address has another form, or contradicts the access; the message never
     *     shows a password
     */
    public static RedisAddress parse(List<String> addresses, StoreAccess access) {
        boolean sentinel = addresses.stream().anyMatch(RedisAddress::isSentinel);
        if (sentinel && addresses.size() > 1) {
            throw new IllegalArgumentException(
                    "state.redis names all sentinels in one address: redis-sentinel://host:port,host:port#master");
        }
        List<RedisURI> nodes = addresses.stream().map(RedisAddress::uri).toList();
        for (RedisURI node : nodes) {
            grant(node, access);
        }
        return new RedisAddress(
                nodes, sentinel ? Kind.SENTINEL : nodes.size() > 1 ? Kind.CLUSTER : Kind.SERVER, access);
    }

    private static boolean isSentinel(String address) {
        return address.startsWith("redis-sentinel://") || address.startsWith("rediss-sentinel://");
    }

    private static RedisURI uri(String address) {
        if (isSentinel(address)) {
            return sentinels(address);
        }
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

    private static RedisURI sentinels(String address) {
        int master = address.indexOf('#');
        if (master < 0 || master == address.length() - 1) {
            throw new IllegalArgumentException(
                    "state.redis names sentinels and no master: write its name, as 'sentinel monitor' has it, behind a '#'");
        }
        try {
            RedisURI uri = RedisURI.create(address);
            for (RedisURI each : uri.getSentinels()) {
                each.setSsl(uri.isSsl());
                each.setVerifyPeer(uri.getVerifyMode());
            }
            return uri;
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("state.redis has an address that is not"
                    + " redis[s]-sentinel://[user:password@]host:port[,host:port]#master");
        }
    }

    private static void grant(RedisURI node, StoreAccess access) {
        boolean named = node.toURI().getRawUserInfo() != null;
        if (named && (access.username() != null || access.password() != null)) {
            throw new IllegalArgumentException(
                    "state.redis holds a user or a password, and so do state.username and state.password: keep the two keys,"
                            + " and take what stands before the '@' out of the address");
        }
        if (access.authorities() != null && !node.isSsl()) {
            throw new IllegalArgumentException(
                    "state.authorities is for TLS, and state.redis has an address without it: write rediss:// (or"
                            + " rediss-sentinel://), or remove state.authorities");
        }
        if (node.isSsl() && node.getVerifyMode() != SslVerifyMode.FULL) {
            throw new IllegalArgumentException(
                    "state.redis weakens the check of the store's certificate by verifyPeer: remove it, name the authority"
                            + " that signed the certificate by state.authorities, and let the certificate name the host");
        }
        if (access.credentials() != null) {
            node.setCredentialsProvider(access.credentials());
        }
        SentinelCredentials shown = new SentinelCredentials(node.getCredentialsProvider());
        node.getSentinels().forEach(sentinel -> sentinel.setCredentialsProvider(shown));
    }

    /**
     * Takes the failure of a connection; true if sentinels wanted a password and now get it, so that a new attempt is
     * useful.
     */
    boolean heard(Throwable failure) {
        if (kind != Kind.SENTINEL || !StoreFault.wantsPassword(failure)) {
            return false;
        }
        // All sentinels of an address share one provider.
        return nodes.get(0).getSentinels().stream()
                .map(RedisURI::getCredentialsProvider)
                .anyMatch(provider -> provider instanceof SentinelCredentials shown && shown.wanted());
    }
}
