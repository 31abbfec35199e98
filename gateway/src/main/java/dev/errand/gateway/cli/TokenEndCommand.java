package dev.errand.gateway.cli;

import dev.errand.gateway.cli.agent.AgentClient;
import dev.errand.gateway.cli.agent.AgentKey;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code token end}: ends a token and all below it. */
@Command(
        name = "end",
        mixinStandardHelpOptions = true,
        description = "Ends a token and all below it, by its holder's key or an ancestor's; the root's ends the task.",
        footer = {"", "errand token end --token \"$TOKEN\" --key agent.jwk"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TokenEndCommand implements Callable<Integer> {
    @Option(names = "--gateway", defaultValue = "http://127.0.0.1:8080", description = "Where the gateway is reached.")
    private URI gateway;

    @Option(names = "--issuer", description = "Its identifier, if that is not its address.")
    private @Nullable String issuer;

    @Option(names = "--token", required = true, description = "The token: text, @file or @-.")
    private String token;

    @Option(names = "--chain", defaultValue = "", description = "Its ancestors, root first, with commas between.")
    private String chain;

    @Option(names = "--key", required = true, description = "File of the private JWK.")
    private Path key;

    @Override
    public Integer call() {
        new AgentClient(gateway, issuer == null ? gateway.toString() : issuer, HttpClient.newHttpClient())
                .end(AgentKey.read(key), TokenInput.text(token), TokenInput.chain(chain));
        return 0;
    }
}
