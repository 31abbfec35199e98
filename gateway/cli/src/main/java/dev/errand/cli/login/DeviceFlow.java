package dev.errand.cli.login;

import dev.errand.holder.AgentException;
import dev.errand.holder.DevicePolling;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.Pkce;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** The device authorization grant (RFC 8628): the human uses a browser elsewhere. Asks again until the code expires. */
final class DeviceFlow {
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:device_code";

    private final Provider provider;
    private final ProviderHttp http;
    private final Login login;
    private final Pkce pkce = Pkce.fresh();

    DeviceFlow(Provider provider, ProviderHttp http, Login login) {
        this.provider = provider;
        this.http = http;
        this.login = login;
    }

    /**
     * Runs the flow. Returns the answer of the token endpoint.
     *
     * @param longest how long the human may take, even if the provider allows more
     */
    JsonObject run(PrintWriter tell, Duration longest) {
        URI endpoint = provider.endpoint("device_authorization_endpoint", "log in without --device");
        URI token = provider.endpoint("token_endpoint", "it issues no tokens");
        // Some providers demand a proof key here too; the others ignore it.
        Map<String, String> asked = login.parameters();
        pkce.begin(asked);
        ProviderHttp.Answer begun = http.post(endpoint, asked);
        String device = begun.body().string("device_code");
        String code = begun.body().string("user_code");
        String page = begun.body().string("verification_uri");
        if (begun.status() != 200 || device == null || code == null || page == null) {
            throw new AgentException(
                    "the provider refused to begin a login: " + Provider.error(begun.body(), begun.status()));
        }
        tell.println("Open " + page + " on any device and enter " + code);
        String complete = begun.body().string("verification_uri_complete");
        if (complete != null) {
            tell.println("or open " + complete);
        }
        tell.flush();
        return poll(token, device, new DevicePolling(begun.body(), longest.toSeconds()));
    }

    private JsonObject poll(URI token, String device, DevicePolling polling) {
        Map<String, String> form = login.tokenParameters(GRANT);
        form.put("device_code", device);
        pkce.end(form);
        while (polling.next()) {
            ProviderHttp.Answer answer = http.post(token, form);
            if (answer.status() == 200) {
                return answer.body();
            }
            String error = String.valueOf(answer.body().string("error"));
            if (error.equals("slow_down")) {
                polling.slower();
            } else if (!error.equals("authorization_pending")) {
                throw new AgentException("the provider refused: " + Provider.error(answer.body(), answer.status()));
            }
        }
        throw new AgentException("nobody logged in within " + polling.seconds() + "s: try again");
    }
}
