package dev.errand.web.stage;

import dev.errand.web.Call;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;

/** What the stages read of an answer's body. */
public enum AnswerReading {
    /** Nothing. */
    NOTHING,
    /** Each part as it passes: the credential of the call is looked for. */
    PARTS,
    /** The whole body: it is filtered, values are taken from it, or it is searched before its head goes on. */
    WHOLE;

    /** To be asked when the answer's head is in the exchange's response and its outcome is recorded. */
    public static AnswerReading of(ServerWebExchange exchange) {
        Call call = Call.find(exchange);
        if (call == null) {
            return NOTHING;
        }
        Call.Granted granted = call.granted();
        if (call.progress().tap() != null || (granted != null && granted.listAnswer() != null)) {
            return WHOLE;
        }
        SentCredential sent = SentCredential.of(call);
        if (sent == null) {
            return NOTHING;
        }
        if (sent.isOnItsPath()) {
            return WHOLE;
        }
        ServerHttpResponse response = exchange.getResponse();
        HttpStatusCode status = response.getStatusCode();
        return sent.search(status == null ? 200 : status.value(), response.getHeaders()) == null ? NOTHING : PARTS;
    }
}
