package dev.errand.cli;

import java.net.URI;
import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command reaches the token endpoint. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class IssuerOptions {
    @Option(
            names = "--gateway",
            defaultValue = "http://127.0.0.1:8080",
            description = "The address of the gateway (${DEFAULT-VALUE}).")
    private URI gateway;

    @Option(names = "--issuer", description = "The gateway's identifier, if it differs from the address.")
    private @Nullable String issuer;

    /** A client of that endpoint. */
    AgentClient client() {
        return new AgentClient(gateway, issuer == null ? gateway.toString() : issuer, HttpClient.newHttpClient());
    }
}
