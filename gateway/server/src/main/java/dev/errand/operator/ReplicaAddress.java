package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.PortAddress;
import org.springframework.core.env.Environment;

/** The address at which the other replicas reach this one's operator port. Thread-safe. */
record ReplicaAddress(ErrandProperties properties, Environment environment) {
    /** The URL, without a slash at its end: as configured, else the port's own address on loopback. */
    public String url() {
        String advertised = properties.operator().advertise();
        if (advertised != null) {
            return advertised.endsWith("/") ? advertised.substring(0, advertised.length() - 1) : advertised;
        }
        return PortAddress.operator(environment);
    }
}
