package dev.errand.agent;

import dev.errand.agent.call.Answer;
import dev.errand.agent.call.CallProof;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.Exchange;
import dev.errand.agent.call.HeldTask;
import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.holder.DevicePolling;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The start of a task from a template: a token exchange (RFC 8693) of the human's JWT or of the token of a standing errand, or a request that
 * a human allows (RFC 8628).
 *
 * @param template null for a run of a standing errand, which has what the human allowed
 * @param parameters each a text, or an array of texts
 * @param subjectToken the human's JWT, or the token of a standing errand; null if a human is asked
 * @param svid gives the agent's JWT-SVID of that moment
 * @param calls fewer calls than the template grants; null for as many
 * @param allow the {@code tools} that narrow the template; null for all of it
 * @param purpose what to tell the human who is asked, or null
 * @param sequence the steps of a narrower plan, or null
 */
record TemplateStart(
        @Nullable String template,
        Map<String, JsonValue> parameters,
        @Nullable String subjectToken,
        Supplier<String> svid,
        @Nullable JsonObject instruction,
        @Nullable Long calls,
        @Nullable JsonObject allow,
        @Nullable String purpose,
        @Nullable JsonArray sequence) {
    private static final String PATH = "/oauth2/token";
    private static final String ASK = "/oauth2/device_authorization";
    private static final String REVOKE = "/oauth2/revoke";
    /** The seconds that a human has to decide. */
    private static final long LONGEST = 600;

    private static final String URN = "urn:ietf:params:oauth:";
    private static final int OK = 200;

    /** Starts the task; its token is bound to this key. */
    public HeldTask start(Connections gateway, String issuer, AgentKey key) {
        CallProof proofs = new CallProof(key, null, Clock.systemUTC());
        StringJoiner form = new StringJoiner("&");
        pair(form, "grant_type", URN + "grant-type:token-exchange");
        pair(form, "requested_token_type", URN + "token-type:access_token");
        pair(form, "subject_token_type", template == null ? issuer + "/token-type/standing" : URN + "token-type:jwt");
        pair(form, "subject_token", String.valueOf(subjectToken));
        assertion(form);
        if (template != null) {
            pair(form, "authorization_details", Jcs.canonical(details()));
        }
        return started(post(gateway, issuer, proofs, PATH, form.toString()), issuer, key);
    }

    /**
     * Asks a human for the task, and waits until the human decided; the token is bound to this key.
     *
     * @param pause between two questions
     * @param tell gets a line with the address and the code
     */
    public HeldTask ask(
            Connections gateway, String issuer, AgentKey key, DevicePolling.Pause pause, Consumer<String> tell) {
        CallProof proofs = new CallProof(key, null, Clock.systemUTC());
        StringJoiner form = new StringJoiner("&");
        assertion(form);
        pair(form, "authorization_details", Jcs.canonical(details()));
        Answer asked = post(gateway, issuer, proofs, ASK, form.toString());
        String device = asked.status() == OK ? asked.json().string("device_code") : null;
        if (device == null) {
            throw new AgentException("no human could be asked: the gateway answered " + asked.refusal());
        }
        tell.accept("open " + asked.json().string("verification_uri_complete") + " and allow the task; code "
                + asked.json().string("user_code"));
        Runnable withdraw = () -> withdraw(gateway, issuer, key, device);
        try (DevicePolling polling = new DevicePolling(asked.json(), LONGEST, pause, withdraw)) {
            while (polling.next()) {
                StringJoiner get = new StringJoiner("&");
                pair(get, "grant_type", URN + "grant-type:device_code");
                pair(get, "device_code", device);
                assertion(get);
                Answer answer = post(gateway, issuer, proofs, PATH, get.toString());
                String error = answer.status() == OK
                        ? ""
                        : String.valueOf(answer.json().string("error"));
                if (polling.isAnswered(answer.status(), error)) {
                    return started(answer, issuer, key);
                }
            }
        }
        throw new AgentException("no human allowed the task in time: ask again");
    }

    private void withdraw(Connections gateway, String issuer, AgentKey key, String device) {
        StringJoiner form = new StringJoiner("&");
        pair(form, "token", device);
        assertion(form);
        post(gateway, issuer, new CallProof(key, device, Clock.systemUTC()), REVOKE, form.toString());
    }

    private static HeldTask started(Answer answer, String issuer, AgentKey key) {
        String token = answer.status() == OK ? answer.json().string("access_token") : null;
        if (token == null) {
            throw new AgentException("the task was not started: the gateway answered " + answer.refusal());
        }
        HeldTask task = new HeldTask(key, token, List.of(), issuer);
        task.learnNonce(answer.headers());
        return task;
    }

    /** Sends a form, and again with the nonce if the gateway asks for one. */
    private static Answer post(Connections gateway, String issuer, CallProof proofs, String path, String form) {
        Answer answer = send(gateway, path, form, proofs.sign("POST", issuer + path, null));
        String nonce = answer.headers().get("DPoP-Nonce");
        return nonce != null && answer.status() != OK
                ? send(gateway, path, form, proofs.sign("POST", issuer + path, nonce))
                : answer;
    }

    private static Answer send(Connections gateway, String path, String form, String proof) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set("DPoP", proof)
                .set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded");
        return Exchange.send(gateway, HttpMethod.POST, path, headers, form.getBytes(StandardCharsets.US_ASCII));
    }

    private void assertion(StringJoiner form) {
        pair(form, "client_assertion_type", URN + "client-assertion-type:jwt-spiffe");
        pair(form, "client_assertion", svid.get());
    }

    private static void pair(StringJoiner form, String name, String value) {
        form.add(name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    private JsonArray details() {
        JsonMembers start = new JsonMembers();
        start.put("type", "errand_start");
        start.put("template", String.valueOf(template));
        start.put("parameters", new JsonObject(parameters));
        start.put("instruction", instruction);
        start.put("calls", calls);
        start.put("purpose", purpose);
        start.put("sequence", sequence);
        List<JsonValue> details = new ArrayList<>();
        details.add(start.toJson());
        if (allow != null) {
            details.add(new JsonObject(Map.of("type", new JsonString("attenuating_agent_token"), "tools", allow)));
        }
        return new JsonArray(details);
    }
}
