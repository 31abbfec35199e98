package dev.errand.agent;

import dev.errand.agent.call.GatewayAddress;
import dev.errand.holder.AgentException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** A loopback address and a port, as options write them. */
final class LoopbackAddress {
    private static final int PORTS = 65_536;

    private LoopbackAddress() {}

    /** Parses {@code HOST:PORT}; port 0 means any free port. */
    static InetSocketAddress parse(String option, String value) {
        int colon = value.lastIndexOf(':');
        String host = colon < 0 ? "" : value.substring(0, colon);
        String port = colon < 0 ? "" : value.substring(colon + 1);
        if (!GatewayAddress.isLoopback(host) || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) >= PORTS) {
            throw new AgentException(
                    option + " must be a loopback address and a port, such as 127.0.0.1:0, was '" + value + "'");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), Integer.parseInt(port));
        } catch (UnknownHostException e) {
            throw new AgentException(option + ": there is no address " + host);
        }
    }

    /** {@code HOST:PORT}, with an IPv6 address in brackets. */
    static String text(InetSocketAddress address, int port) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
