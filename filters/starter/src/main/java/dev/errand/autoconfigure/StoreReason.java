package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.state.redis.link.StoreFault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The reason why the store cannot be used, so that an operator can repair it: a fault at the key of
 * {@code application.yaml} that causes it.
 */
final class StoreReason {
    private static final String RIGHTS =
            "~* &* +@read +@write +@scripting +@connection +@pubsub +info +cluster +role +wait +time";

    private StoreReason() {}

    /** One fault with its place. Reads the file, so never on an event loop. */
    static ConfigurationException of(ErrandProperties properties, @Nullable StoreFault fault) {
        String path = path(properties.state(), fault);
        SpringYaml yaml = SpringYaml.read(properties.directory(), new Faults());
        Position at = yaml == null ? new Position(SpringYaml.FILE, 1, 1) : yaml.at(path);
        return new ConfigurationException(List.of(Fault.of(at, path + ": " + message(properties.state(), fault))));
    }

    private static String path(ErrandProperties.State state, @Nullable StoreFault fault) {
        String key = "redis";
        if (fault != null && fault.kind() == StoreFault.Kind.CREDENTIALS && state.password() != null) {
            key = "password";
        } else if (fault != null && fault.kind() == StoreFault.Kind.PERMISSION && state.username() != null) {
            key = "username";
        } else if (fault != null && fault.kind() == StoreFault.Kind.CERTIFICATE && state.authorities() != null) {
            key = "authorities";
        }
        return "errand.state." + key;
    }

    private static String message(ErrandProperties.State state, @Nullable StoreFault fault) {
        String store = shown(state);
        if (fault == null) {
            return "no answer from " + store + ": start Redis 6.2 or newer there, or correct the address";
        }
        String said = " (" + fault.said() + ")";
        return switch (fault.kind()) {
            case AWAY ->
                "no answer from " + store + said
                        + ": start Redis 6.2 or newer there, correct the address (rediss:// where the server speaks TLS), or say"
                        + " 'embedded'";
            case SLOW ->
                "no answer in time from " + store + said
                        + ": it accepts connections, so look at the server's load and at the network; where they are slow, raise"
                        + " errand.state.connect-timeout and errand.state.timeout";
            case CREDENTIALS ->
                store + " refuses the user or the password" + said + ": "
                        + (state.password() != null
                                ? "write the password that the server has into " + state.password()
                                        + (state.username() == null ? "" : ", or correct errand.state.username")
                                : "name a file that holds the server's password in errand.state.password");
            case PERMISSION ->
                store + " lets the user do less than the gateway needs" + said + ": give the user " + RIGHTS;
            case MASTER ->
                "the sentinels at " + store + " know no such master" + said
                        + ": write behind '#' the name that 'sentinel monitor' gives it";
            case CERTIFICATE ->
                "no TLS with " + store + said + ": "
                        + (state.authorities() != null
                                ? "write the PEM of the authority that signed the server's certificate into "
                                        + state.authorities()
                                : "name a PEM file with the authority that signed the server's certificate in"
                                        + " errand.state.authorities")
                        + ", and use a host name that the certificate holds";
        };
    }

    /** The configured address, without a password. */
    static String shown(ErrandProperties.State state) {
        return String.join(", ", state.redis()).replaceAll("//[^@/]*@", "//***@");
    }
}
