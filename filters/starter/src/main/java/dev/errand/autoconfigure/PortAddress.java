package dev.errand.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.Ssl;
import org.springframework.core.env.Environment;

/** The addresses of the two ports, by the keys that Spring Boot reads. */
public final class PortAddress {
    static final String TRAFFIC = "server.ssl";
    static final String OPERATOR = "management.server.ssl";

    private PortAddress() {}

    /** The URL of the port of agents and people, without a path. */
    public static String traffic(Environment environment) {
        return url(ssl(environment, TRAFFIC), environment, "server.address", "local.server.port");
    }

    /** The URL of the port of operators, without a path. */
    public static String operator(Environment environment) {
        return url(operatorSsl(environment), environment, "management.server.address", "local.management.port");
    }

    /** The SSL bundle of the port of operators; null without one. */
    public static @Nullable String operatorBundle(Environment environment) {
        Ssl ssl = operatorSsl(environment);
        return ssl != null && ssl.isEnabled() ? ssl.getBundle() : null;
    }

    /** {@code http}, or {@code https} with TLS. */
    static String scheme(@Nullable Ssl ssl) {
        return Ssl.isEnabled(ssl) ? "https" : "http";
    }

    /** Any key below {@code management.server.ssl} replaces all of {@code server.ssl}, which this port has otherwise. */
    private static @Nullable Ssl operatorSsl(Environment environment) {
        Ssl own = ssl(environment, OPERATOR);
        return own == null ? ssl(environment, TRAFFIC) : own;
    }

    static @Nullable Ssl ssl(Environment environment, String keys) {
        return Binder.get(environment).bind(keys, Ssl.class).orElse(null);
    }

    private static String url(@Nullable Ssl ssl, Environment environment, String address, String port) {
        String named = environment.getProperty(address, "");
        String host = named.isEmpty() ? "0.0.0.0" : named;
        return scheme(ssl) + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + environment.getProperty(port, "0");
    }
}
