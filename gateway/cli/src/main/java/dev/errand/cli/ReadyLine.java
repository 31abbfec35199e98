package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.PortAddress;
import dev.errand.json.Printable;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.springframework.core.env.Environment;

/** The line by which {@code errand run} says that it is ready: where it is reached, and what it runs. It holds no secret. */
final class ReadyLine {
    private ReadyLine() {}

    static String of(Environment environment, ErrandProperties errand, ConfigurationCheck.Result checked) {
        Collection<String> templates = checked.policies() == null
                ? List.of()
                : new TreeSet<>(checked.policies().templates().keySet());
        boolean operators = environment.containsProperty("local.management.port");
        return Printable.line("errand is ready: traffic "
                + PortAddress.traffic(environment)
                + "; operator " + (operators ? PortAddress.operator(environment) : "none")
                + "; token file " + errand.file(errand.operator().token())
                + "; mode " + errand.mode().name().toLowerCase(Locale.ROOT)
                + "; templates " + list(templates)
                + "; routes " + list(checked.routes())
                + "; store "
                + String.join(
                        ", ",
                        errand.state().redis().stream().map(ReadyLine::store).toList()));
    }

    private static String list(Collection<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /** The store's address, without a user, a password or a query. */
    private static String store(String redis) {
        return redis.replaceFirst("//[^/]*@", "//").replaceFirst("[?#].*", "");
    }
}
