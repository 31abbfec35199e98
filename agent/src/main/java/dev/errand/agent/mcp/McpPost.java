package dev.errand.agent.mcp;

import dev.errand.agent.call.Tool;
import dev.errand.agent.call.WholeCall;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One request to the endpoint, and its answer: JSON, or a stream of events. Used on the event loop only. */
final class McpPost implements Tool {
    private static final int MOST = 16 << 20;
    private static final int OK = 200;

    private final McpBridge bridge;
    private final @Nullable McpMessage message;
    private final EventLines events;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable WholeCall call;
    private int status;
    private boolean streams;
    private boolean answered;
    private boolean over;

    /** @param message null for the stream that the server speaks on by itself */
    McpPost(McpBridge bridge, @Nullable McpMessage message) {
        this.bridge = bridge;
        this.message = message;
        this.events = new EventLines(this::give);
    }

    @Nullable McpMessage message() {
        return message;
    }

    void sentAs(WholeCall sent) {
        call = sent;
    }

    void resume() {
        if (call != null && !over) {
            call.resume();
        }
    }

    void cancel() {
        boolean open = !over;
        over = true;
        if (open && call != null) {
            call.cancel();
        }
    }

    @Override
    public void answer(HttpResponse head, boolean retryAfter, boolean unasked) {
        status = head.status().code();
        String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        streams = status == OK && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
        bridge.heard(message, head.headers());
    }

    @Override
    public void answerPart(HttpContent part) {
        byte[] bytes = new byte[part.content().readableBytes()];
        part.content().readBytes(bytes);
        part.release();
        boolean fits = streams ? events.take(bytes) : body.size() + bytes.length <= MOST;
        if (!fits) {
            cancel();
            fail("a message of the server is too long");
        } else if (!streams) {
            body.writeBytes(bytes);
        }
    }

    @Override
    public void ownAnswer(FullHttpResponse answer) {
        status = answer.status().code();
        body.writeBytes(answer.content().toString(StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
        answer.release();
    }

    @Override
    public void callEnded() {
        over = true;
        String text = body.toString(StandardCharsets.UTF_8).strip();
        JsonObject json = object(text);
        if (json != null && json.string("jsonrpc") != null) {
            give(text);
        } else if (message != null && message.requestId() != null && !answered) {
            fail(refusal(json, text));
        } else {
            bridge.ended(this);
        }
    }

    private String refusal(@Nullable JsonObject json, String text) {
        String code = json == null ? null : json.string("code");
        if (json == null || code == null) {
            String first = json == null ? text.lines().findFirst().orElse("") : "";
            return "the gateway answered " + status + (first.isEmpty() ? "" : ": " + first);
        }
        return "errand: " + code + ": " + json.string("detail") + " (decision " + json.string("decision") + ")";
    }

    private static @Nullable JsonObject object(String text) {
        try {
            return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException other) {
            return null;
        }
    }

    private void give(String json) {
        JsonObject parsed = object(json);
        boolean reply = parsed != null && parsed.get("id") != null && parsed.string("method") == null;
        answered |= reply;
        bridge.give(message, json, parsed);
        if (over || reply && !streams) {
            bridge.ended(this);
        }
    }

    private void fail(String why) {
        String id = message == null ? null : message.requestId();
        if (id != null && !answered) {
            answered = true;
            bridge.give(message, McpMessage.error(id, why), null);
        }
        bridge.ended(this);
    }

    @Override
    public void abort() {
        over = true;
        fail("the server's answer broke off");
    }

    @Override
    public boolean isWritable() {
        return bridge.isWritable();
    }

    @Override
    public void upgrade(HttpResponse head, Channel back) {
        back.close();
        abort();
    }

    @Override
    public void pump() {}

    @Override
    public void goOn() {}

    @Override
    public void inform(HttpResponse head) {}

    @Override
    public void flush() {}
}
