package dev.errand.autoconfigure;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Our own management port. No route may lead to it, however its host is spelt. Resolves the host of a route only if the
 * route has that port.
 *
 * @param ports the port; empty if there is none
 * @param address the address it listens on; empty for all
 */
record OwnPort(Set<Integer> ports, String address) {
    OwnPort {
        ports = Set.copyOf(ports);
    }

    /** Whether a connection to the address would reach the port. */
    boolean isAt(URI uri) {
        return ports.contains(port(uri)) && isOurs(uri.getHost());
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private boolean isOurs(@Nullable String host) {
        if (host == null || host.equalsIgnoreCase(address)) {
            return host != null;
        }
        try {
            boolean beyondLoopback =
                    address.isEmpty() || !InetAddress.getByName(address).isLoopbackAddress();
            for (InetAddress one : InetAddress.getAllByName(host.replaceFirst("\\.$", ""))) {
                if (one.isLoopbackAddress()
                        || one.isAnyLocalAddress()
                        || (beyondLoopback && NetworkInterface.getByInetAddress(one) != null)) {
                    return true;
                }
            }
            return false;
        } catch (UnknownHostException | SocketException e) {
            return false;
        }
    }
}
