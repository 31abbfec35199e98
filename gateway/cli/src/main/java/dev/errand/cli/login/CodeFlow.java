package dev.errand.cli.login;

import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.FormText;
import dev.errand.signin.Pkce;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * The authorization code flow of a public client: PKCE with S256 (RFC 7636), a redirect to loopback (RFC 8252) and the
 * issuer in the answer (RFC 9207). Waits for a human with a browser. Used once.
 */
final class CodeFlow {
    private final Provider provider;
    private final ProviderHttp http;
    private final Login login;
    private final String state = Pkce.random();
    private final Pkce pkce = Pkce.fresh();

    CodeFlow(Provider provider, ProviderHttp http, Login login) {
        this.provider = provider;
        this.http = http;
        this.login = login;
    }

    /**
     * Runs the flow. Returns the answer of the token endpoint.
     *
     * @param tell where the human is told which page to open
     * @param port the port of the redirect, 0 for any
     * @param longest how long the human may take
     */
    JsonObject run(PrintWriter tell, int port, Duration longest) {
        URI authorization = provider.endpoint("authorization_endpoint", "try --device");
        URI token = provider.endpoint("token_endpoint", "it issues no tokens");
        try (Redirect redirect = Redirect.listen(port, state)) {
            tell.println("Open this in a browser on this machine:");
            tell.println(question(authorization, redirect.uri()));
            tell.flush();
            Map<String, String> back = redirect.await(longest);
            if (back == null) {
                throw new AgentException("nobody logged in within " + longest.toSeconds() + "s: try again");
            }
            return exchange(token, redirect.uri(), back);
        } catch (IOException e) {
            throw new AgentException("127.0.0.1:" + port + " cannot be listened on (" + e.getMessage()
                    + "): choose another --port, or leave it out");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException("interrupted");
        }
    }

    private String question(URI authorization, String redirect) {
        Map<String, String> parameters = login.parameters();
        parameters.put("response_type", "code");
        parameters.put("redirect_uri", redirect);
        parameters.put("state", state);
        pkce.begin(parameters);
        String query = FormText.encode(parameters);
        return authorization + (authorization.getRawQuery() == null ? "?" : "&") + query;
    }

    private JsonObject exchange(URI token, String redirect, Map<String, String> back) {
        String issuer = back.get("iss");
        if (issuer != null && !issuer.equals(provider.issuer())) {
            throw new AgentException("the answer is of another provider than '" + provider.issuer() + "'");
        }
        String code = back.get("code");
        if (code == null) {
            throw new AgentException("the provider refused: " + back.getOrDefault("error", "no code")
                    + Provider.described(back.get("error_description")));
        }
        Map<String, String> form = login.tokenParameters("authorization_code");
        form.put("code", code);
        form.put("redirect_uri", redirect);
        pkce.end(form);
        ProviderHttp.Answer answer = http.post(token, form);
        if (answer.status() != 200) {
            throw new AgentException("the provider gave no token: " + Provider.error(answer.body(), answer.status()));
        }
        return answer.body();
    }
}
