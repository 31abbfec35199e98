package dev.errand.autoconfigure.check;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Where the operator port listens, and what that asks of the operator's credential. */
public final class OperatorAddress {
    private OperatorAddress() {}

    /** Whether only this machine can reach it; a name that does not resolve counts as beyond. */
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

    /** Why the gateway does not start beyond loopback without a credential that is there already. */
    public static String needsToken(String address, String file) {
        return "the operator port listens on " + address + ", beyond this machine, and " + file
                + " does not exist: put at least 32 random characters there (mode 0600) and name it in"
                + " errand.operator.token";
    }

    /** Why the gateway of a shared store does not start beyond loopback without an address for the other replicas. */
    public static String needsAdvertise(String address) {
        return "the operator port listens on " + address + ", beyond this machine, and the other replicas do not know"
                + " where: write 'errand.operator.advertise' with its https URL";
    }
}
