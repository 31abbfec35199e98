package dev.errand.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Where the operator port listens, and what that demands of the operator's credential. */
public final class OperatorAddress {
    private OperatorAddress() {}

    /**
     * Whether only this machine can reach the address. A name that does not resolve counts as reachable from elsewhere.
     */
    public static boolean isLoopback(@Nullable String address) {
        if (address == null || address.isEmpty()) {
            return false;
        }
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** The fault: beyond loopback the gateway needs an operator's credential that exists already. */
    public static String needsToken(String address, String file) {
        return "the operator port listens on " + address + ", beyond this machine, and " + file
                + " does not exist: put at least 32 random characters there (mode 0600) and name it in"
                + " errand.operator.token, or name operators under errand.operators";
    }

    /** The fault: with a shared store and beyond loopback, the other replicas need an address of this one. */
    public static String needsAdvertise(String address) {
        return "the operator port listens on " + address + ", beyond this machine, and the other replicas do not know"
                + " where: write 'errand.operator.advertise' with its https URL";
    }
}
