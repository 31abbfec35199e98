package dev.errand.credential;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code token-exchange}: an access token of an authorization server for a JWT that names the task (RFC 8693).
 *
 * @param endpoint the server's token endpoint, the {@code aud} of the subject token and of the client's assertion
 * @param authorities a {@code file:} of PEM: who signs the certificates of both endpoints; null for the authorities of the upstream
 * @param client the client that the gateway is at that server
 * @param audience whom the access token is for; null to ask for none
 * @param scope null to ask for none
 * @param subject whom the subject token's {@code sub} names; null for the human
 * @param revocationEndpoint where a token is revoked (RFC 7009); null where the server cannot
 * @param when how long the token of a task may exist; null for as long as the task
 */
public record TokenExchangeConfig(
        String endpoint,
        @Nullable String authorities,
        Client client,
        @Nullable String audience,
        @Nullable String scope,
        @Nullable Subject subject,
        @Nullable String revocationEndpoint,
        @Nullable CredentialLifetime when)
        implements TaskCredentialConfig {
    private static final String CREDENTIAL = "credential";

    /**
     * A client of the authorization server; exactly one of {@code secretFile} and {@code key}.
     *
     * @param key {@code credential}: by assertions signed with a key of {@code errand.credential-keys}
     */
    public record Client(
            String id,
            @Nullable String secretFile,
            @Nullable String key) {}

    @Override
    public @Nullable String soleAudience() {
        return audience;
    }

    @Override
    public void check(CredentialContext opening, BiConsumer<String, String> fault) {
        if ((client.secretFile() == null) == (client.key() == null)) {
            fault.accept(
                    "token-exchange.client",
                    "'token-exchange.client' needs exactly one of 'secret-file: file:…' and 'key: credential'");
        } else if (client.key() != null && !client.key().equals(CREDENTIAL)) {
            fault.accept(
                    "token-exchange.client.key", "'" + client.key() + "' is no key: the only value is 'credential'");
        }
        Faults.address(opening, "token-exchange.endpoint", endpoint, fault);
        if (revocationEndpoint != null) {
            Faults.address(opening, "token-exchange.revocation-endpoint", revocationEndpoint, fault);
        }
    }

    @Override
    public List<Path> files(CredentialContext opening) {
        return client.secretFile() == null ? List.of() : List.of(opening.file(client.secretFile()));
    }

    @Override
    public Minter minter(CredentialContext opening) {
        TaskTokens tokens = opening.part(Minting.class).tokens();
        HttpForm exchange = new HttpForm(
                "the authorization server",
                opening.server(opening.key("token-exchange.endpoint"), endpoint),
                opening.http(authorities));
        HttpForm revocation = revocationEndpoint == null
                ? null
                : new HttpForm(
                        "the authorization server",
                        opening.server(opening.key("token-exchange.revocation-endpoint"), revocationEndpoint),
                        opening.http(authorities));
        return new TokenExchangeMinter(
                exchange,
                revocation,
                new OauthClient(
                        client.id(),
                        client.secretFile() == null ? null : opening.file(client.secretFile()),
                        tokens,
                        endpoint),
                tokens,
                new TokenExchangeMinter.Asked(endpoint, audience, scope, subject == null ? Subject.HUMAN : subject));
    }
}
