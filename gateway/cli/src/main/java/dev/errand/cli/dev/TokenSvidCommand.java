package dev.errand.cli.dev;

import dev.errand.token.SpiffeId;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code token svid}: an agent's JWT-SVID, by the trust domain's key that {@code init --dev} made. */
@Command(
        name = "svid",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Prints a fresh JWT-SVID of an agent, signed by the key of `errand init --dev`. Without options it fits the",
            "directory's template and the gateway's identifier."
        },
        footer = {
            "",
            "  errand token svid --dev mine",
            "  errand token svid --dev mine --id spiffe://dev.invalid/agent/other"
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class TokenSvidCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DevTokenOptions options;

    @Option(names = "--id", description = "The agent's SPIFFE ID; if left out, one that the template's `agents` allow.")
    private @Nullable String id;

    @Option(
            names = "--template",
            description = "The template whose `agents` the token fits; the first template if left out.")
    private @Nullable String template;

    @Override
    public Integer call() {
        Path directory = options.directory();
        DevDirectory dev = DevDirectory.open(directory);
        String agent = id == null ? dev.agent(options.template(dev, template)) : id;
        if (SpiffeId.parse(agent).isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--id: '" + agent + "' is no SPIFFE ID, such as spiffe://dev.invalid/agent/a");
        }
        String audience = options.audience(dev::issuer);
        spec.commandLine().getOut().println(FreshSvid.svid(directory, agent, audience, options.lifetimeSeconds()));
        return 0;
    }
}
