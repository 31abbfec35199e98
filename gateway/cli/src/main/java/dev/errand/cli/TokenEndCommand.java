package dev.errand.cli;

import dev.errand.holder.AgentKey;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code token end}: ends a token and all below it. */
@Command(
        name = "end",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description =
                "Ends a token and all tokens below it, by the key of its holder or of an ancestor's holder. The end of the root ends the task.",
        footer = {
            "",
            "  errand token end --token @task.jwt --key agent.jwk                        # the task is completed",
            "  errand token end --token @child.jwt --chain @task.jwt --key helper.jwk    # the child gives its part back",
            "  errand token end --token @child.jwt --chain @task.jwt --key agent.jwk     # its parent takes it away",
            "",
            "It holds on every replica from the next call on; streams are cut within a second. Ending twice is no fault."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:refused, or the gateway cannot be reached; standard error says why",
            "2:wrong options"
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TokenEndCommand implements Callable<Integer> {
    @Mixin
    private IssuerOptions at;

    @Option(names = "--token", required = true, description = "The token: @file, @- or text.")
    private String token;

    @Option(
            names = "--chain",
            defaultValue = "",
            description = "The token's ancestors, root first, with commas between: @file, @- or text.")
    private String chain;

    @Option(names = "--key", required = true, description = "File of the private JWK.")
    private Path key;

    @Override
    public Integer call() {
        at.client().end(AgentKey.read(key), TokenInput.text(token), TokenInput.chain(chain));
        return 0;
    }
}
