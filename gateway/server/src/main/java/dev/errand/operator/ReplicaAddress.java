package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import org.springframework.core.env.Environment;

/** The address at which the other replicas reach this one's operator port. Thread-safe. */
record ReplicaAddress(ErrandProperties properties, Environment environment) {
    private static final String SSL = "management.server.ssl.";

    /** The URL, without a slash at its end: as configured, else the port's own address on loopback. */
    public String url() {
        String advertised = properties.operator().advertise();
        if (advertised != null) {
            return advertised.endsWith("/") ? advertised.substring(0, advertised.length() - 1) : advertised;
        }
        boolean tls = environment.containsProperty(SSL + "key-store")
                || environment.containsProperty(SSL + "certificate")
                || environment.containsProperty(SSL + "bundle");
        String address = environment.getProperty("management.server.address", "127.0.0.1");
        String host = address.contains(":") ? "[" + address + "]" : address;
        return (tls ? "https://" : "http://") + host + ":" + environment.getProperty("local.management.port", "0");
    }
}
