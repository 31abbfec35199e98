package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.json.Printable;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** The line by which {@code errand run} says that it is ready: where it is reached, and what it runs. It holds no secret. */
final class ReadyLine {
    private ReadyLine() {}

    static String of(Environment environment, ErrandProperties errand, ConfigurationCheck.Result checked) {
        boolean tls = environment.getProperty("server.ssl.enabled", Boolean.class, true)
                && (has(environment, "server.ssl.key-store")
                        || has(environment, "server.ssl.certificate")
                        || has(environment, "server.ssl.bundle"));
        Collection<String> templates = checked.policies() == null
                ? List.of()
                : new TreeSet<>(checked.policies().templates().keySet());
        return Printable.line("errand is ready: traffic "
                + address(tls, environment.getProperty("server.address"), environment.getProperty("local.server.port"))
                + "; operator " + operator(environment)
                + "; token file " + errand.file(errand.operator().token())
                + "; mode " + errand.mode().name().toLowerCase(Locale.ROOT)
                + "; templates " + list(templates)
                + "; routes " + list(checked.routes())
                + "; store "
                + String.join(
                        ", ",
                        errand.state().redis().stream().map(ReadyLine::store).toList()));
    }

    private static boolean has(Environment environment, String key) {
        return environment.containsProperty(key);
    }

    private static String operator(Environment environment) {
        String port = environment.getProperty("local.management.port");
        boolean tls = has(environment, "management.server.ssl.key-store")
                || has(environment, "management.server.ssl.certificate")
                || has(environment, "management.server.ssl.bundle");
        return port == null ? "none" : address(tls, environment.getProperty("management.server.address"), port);
    }

    private static String address(boolean tls, @Nullable String host, @Nullable String port) {
        String shown = host == null || host.isEmpty() ? "0.0.0.0" : host;
        return (tls ? "https://" : "http://") + (shown.contains(":") ? "[" + shown + "]" : shown) + ":" + port;
    }

    private static String list(Collection<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /** The store's address, without a user, a password or a query. */
    private static String store(String redis) {
        return redis.replaceFirst("//[^/]*@", "//").replaceFirst("[?#].*", "");
    }
}
