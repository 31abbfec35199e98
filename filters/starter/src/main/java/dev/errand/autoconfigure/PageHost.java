package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * The host of the pages on which people approve. Browsers do not separate cookies by port: whoever serves any port of this host gets
 * the pages' cookies, and can set them. So it must be a name under which no agent can serve anything. Pure.
 */
final class PageHost {
    private static final String ADVICE =
            " Browsers send the pages' cookies to every port of their host, so a program that serves another"
                    + " port of it can act for the human who is signed in: name a host of their own by errand.approvals.url, under which"
                    + " nothing else is served";

    private PageHost() {}

    /**
     * Adds the warnings. A configuration without such pages has none, and another check reports a malformed address.
     *
     * @param listens the address on which the operator port listens; null for every address of the machine
     */
    public static void check(
            ErrandProperties properties,
            @Nullable String listens,
            List<RouteDefinition> routes,
            SpringYaml yaml,
            Faults faults) {
        String url = properties.approvals().url();
        String name = host(url == null ? properties.issuer() : url);
        if (properties.console().login() == null || name == null) {
            return;
        }
        List<String> found = new ArrayList<>();
        if (isLoopback(name)) {
            found.add("the pages on which people approve are at " + name
                    + ", and every program of this machine can serve a port of it.");
        } else {
            routes.stream()
                    .filter(route -> name.equals(host(route.getUri())))
                    .forEach(route -> found.add("the upstream of route '" + route.getId() + "' is at " + name
                            + ", the host of the pages on which people approve."));
            Stream<@Nullable String> consoles = Stream.of(
                    listens,
                    host(properties.operator().console()),
                    host(properties.operator().advertise()));
            if (consoles.anyMatch(name::equals)) {
                found.add("the operators' console is at " + name + ", the host of the pages on which people approve.");
            }
        }
        String key = url == null ? "errand.issuer" : "errand.approvals.url";
        found.forEach(warning -> faults.warn(yaml.at(key), warning + ADVICE));
    }

    private static boolean isLoopback(String name) {
        boolean address = name.matches("[0-9.]+|\\[.*]");
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || (address && OperatorAddress.isLoopback(name.replaceAll("[\\[\\]]", "")));
    }

    private static @Nullable String host(@Nullable String address) {
        try {
            return address == null ? null : host(URI.create(address));
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    private static @Nullable String host(@Nullable URI address) {
        String host = address == null ? null : address.getHost();
        return host == null ? null : host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    }
}
