package dev.errand.agent;

import dev.errand.agent.call.Answer;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.Exchange;
import dev.errand.agent.call.HeldTask;
import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.holder.Proofs;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gets the token by deriving a child of another companion's token.
 *
 * @param allow narrower tools; null for the parent's
 * @param lifetimeSeconds null for five minutes
 */
record ParentStart(
        @Nullable JsonObject allow,
        @Nullable Long calls,
        @Nullable Long children,
        @Nullable Long lifetimeSeconds) {
    private static final int OK = 200;

    /**
     * A child that was derived.
     *
     * @param gateway the URL of the gateway that accepts its token
     */
    public record Child(HeldTask task, String gateway) {}

    /** Asks the parent's companion for a child of this key. The companion's address holds its secret path. */
    public Child start(Connections parent, AgentKey key) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set("DPoP", Proofs.dpop(key, "POST", parent.address().url(), null, null, Instant.now()));
        Answer answer = Exchange.send(parent, HttpMethod.POST, "", headers, Jcs.canonicalBytes(body(key)));
        if (answer.status() != OK) {
            throw new AgentException("the companion above derives no such child: " + answer.refusal());
        }
        JsonObject json = answer.json();
        String token = json.string("token");
        String chain = json.string("chain");
        String gateway = json.string("gateway");
        String issuer = json.string("issuer");
        if (token == null || chain == null || gateway == null || issuer == null) {
            throw new AgentException("the companion above answered without token, chain, gateway or issuer");
        }
        List<String> ancestors = Stream.of(chain.split(",")).map(String::strip).toList();
        return new Child(new HeldTask(key, token, ancestors, issuer), gateway);
    }

    private JsonObject body(AgentKey key) {
        JsonMembers body = new JsonMembers();
        body.put("jwk", key.publicJwk());
        body.put("allow", allow);
        body.put("calls", calls);
        body.put("children", children);
        body.put("lifetime", lifetimeSeconds);
        return body.toJson();
    }
}
