package dev.errand.cli.dev;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.json.Durations;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that both kinds of token of a first run share. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class DevTokenOptions {
    private static final Duration LONGEST = Duration.ofHours(24);

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--dev", required = true, paramLabel = "DIR", description = "What `errand init --dev` made.")
    private Path directory;

    @Option(names = "--audience", description = "The token's `aud`; that of the directory's configuration if left out.")
    private @Nullable String audience;

    @Option(
            names = "--lifetime",
            defaultValue = "10m",
            description = "How long the token is valid (${DEFAULT-VALUE}), at most 24h.")
    private String lifetime;

    Path directory() {
        return directory;
    }

    String audience(Supplier<String> fallback) {
        return audience == null ? fallback.get() : audience;
    }

    /**
     * The template that the token is to fit. If none is named and there are several, standard error says which one was
     * taken.
     */
    YamlMap template(DevDirectory dev, @Nullable String name) {
        YamlMap template = dev.template(name);
        List<String> all = name == null ? dev.templates() : List.of();
        if (all.size() > 1) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("errand: the token fits the template " + template.string("template", new Faults()) + ", one of "
                    + String.join(", ", all) + ": --template names another");
            err.flush();
        }
        return template;
    }

    long lifetimeSeconds() {
        Duration read = Durations.parse(lifetime);
        if (read == null || read.toSeconds() < 1 || read.compareTo(LONGEST) > 0) {
            throw new ParameterException(
                    spec.commandLine(), "--lifetime must be 1s..24h, such as 10m, was '" + lifetime + "'");
        }
        return read.toSeconds();
    }
}
