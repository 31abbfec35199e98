package dev.errand.agent;

import dev.errand.agent.call.Answer;
import dev.errand.agent.call.CallProof;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.Exchange;
import dev.errand.agent.call.HeldTask;
import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The start of a task from a template: a token exchange (RFC 8693) of the human's JWT.
 *
 * @param parameters each a text, or an array of texts
 * @param svid the agent's JWT-SVID
 * @param calls fewer calls than the template grants; null for as many
 * @param allow the {@code tools} that narrow the template; null for all of it
 */
record TemplateStart(
        String template,
        Map<String, JsonValue> parameters,
        String subjectToken,
        String svid,
        @Nullable JsonObject instruction,
        @Nullable Long calls,
        @Nullable JsonObject allow) {
    private static final String PATH = "/oauth2/token";
    private static final String URN = "urn:ietf:params:oauth:";
    private static final int OK = 200;

    /** Starts the task; its token is bound to this key. */
    public HeldTask start(Connections gateway, String issuer, AgentKey key) {
        CallProof proofs = new CallProof(key, null, Clock.systemUTC());
        Answer answer = send(gateway, proofs.sign("POST", issuer + PATH, null));
        String nonce = answer.headers().get("DPoP-Nonce");
        if (nonce != null && answer.status() != OK) {
            answer = send(gateway, proofs.sign("POST", issuer + PATH, nonce));
        }
        String token = answer.status() == OK ? answer.json().string("access_token") : null;
        if (token == null) {
            throw new AgentException("the task was not started: the gateway answered " + answer.refusal());
        }
        HeldTask task = new HeldTask(key, token, List.of(), issuer);
        task.learnNonce(answer.headers());
        return task;
    }

    private Answer send(Connections gateway, String proof) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set("DPoP", proof)
                .set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded");
        return Exchange.send(gateway, HttpMethod.POST, PATH, headers, form().getBytes(StandardCharsets.US_ASCII));
    }

    private String form() {
        StringJoiner form = new StringJoiner("&");
        pair(form, "grant_type", URN + "grant-type:token-exchange");
        pair(form, "requested_token_type", URN + "token-type:access_token");
        pair(form, "subject_token_type", URN + "token-type:jwt");
        pair(form, "subject_token", subjectToken);
        pair(form, "client_assertion_type", URN + "client-assertion-type:jwt-spiffe");
        pair(form, "client_assertion", svid);
        pair(form, "authorization_details", Jcs.canonical(details()));
        return form.toString();
    }

    private static void pair(StringJoiner form, String name, String value) {
        form.add(name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    private JsonArray details() {
        Map<String, JsonValue> start = new LinkedHashMap<>();
        start.put("type", new JsonString("errand_start"));
        start.put("template", new JsonString(template));
        start.put("parameters", new JsonObject(parameters));
        if (instruction != null) {
            start.put("instruction", instruction);
        }
        if (calls != null) {
            start.put("calls", JsonNumber.of(calls));
        }
        List<JsonValue> details = new ArrayList<>();
        details.add(new JsonObject(start));
        if (allow != null) {
            details.add(new JsonObject(Map.of("type", new JsonString("attenuating_agent_token"), "tools", allow)));
        }
        return new JsonArray(details);
    }
}
