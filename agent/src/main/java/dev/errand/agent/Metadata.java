package dev.errand.agent;

import dev.errand.agent.call.Answer;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.Exchange;
import dev.errand.agent.call.GatewayAddress;
import dev.errand.holder.AgentException;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/** The identifier that the gateway states in its metadata (RFC 8414). It is believed on loopback only. */
final class Metadata {
    private static final String PATH = "/.well-known/oauth-authorization-server";
    private static final int OK = 200;

    private Metadata() {}

    /**
     * The issuer that proofs name.
     *
     * @param said the identifier that the user gave; null if none
     * @throws AgentException if the gateway states an identifier that is not allowed
     */
    public static String issuer(Connections gateway, @Nullable String said) {
        GatewayAddress address = gateway.address();
        Answer answer = Exchange.send(gateway, HttpMethod.GET, PATH, EmptyHttpHeaders.INSTANCE, new byte[0]);
        String issuer = answer.status() == OK ? answer.json().string("issuer") : null;
        if (issuer == null) {
            throw new AgentException("the gateway at " + address.url() + " does not say its issuer: " + PATH
                    + " answered " + answer.status());
        }
        String plain = withoutSlash(issuer);
        boolean named = said == null
                ? address.isLoopback() || plain.equals(withoutSlash(address.url()))
                : plain.equals(withoutSlash(said));
        if (!named) {
            throw new AgentException("the gateway at " + address.url() + " calls itself '" + issuer + "': if you trust"
                    + " this name, write it as --issuer");
        }
        return plain;
    }

    /** An identifier in the form in which it is compared. */
    public static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
}
