package dev.errand.cli.dev;

import dev.errand.config.YamlMap;
import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.SpiffeId;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        String agent = id == null ? agent(dev, options.template(dev, template)) : id;
        if (SpiffeId.parse(agent).isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--id: '" + agent + "' is no SPIFFE ID, such as spiffe://dev.invalid/agent/a");
        }
        Map<String, JsonValue> claims = new LinkedHashMap<>();
        claims.put("sub", new JsonString(agent));
        claims.put("aud", new JsonArray(List.of(new JsonString(options.audience(dev::issuer)))));
        spec.commandLine().getOut().println(DevKey.SPIFFE.sign(directory, claims, options.lifetimeSeconds()));
        return 0;
    }

    /** The first agent of the template in this trust domain. */
    private static String agent(DevDirectory dev, YamlMap template) {
        String prefix = "spiffe://" + dev.trustDomain() + "/";
        return DevDirectory.strings(template.optional("agents")).stream()
                .filter(pattern -> pattern.startsWith(prefix))
                .map(pattern -> pattern.replace("*", "dev"))
                .findFirst()
                .orElseThrow(() -> new AgentException(template.at("agents") + ": the template is for no agent of "
                        + prefix + "…: add one, or name the agent by --id"));
    }
}
