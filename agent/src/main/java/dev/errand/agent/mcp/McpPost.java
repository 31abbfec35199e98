package dev.errand.agent.mcp;

import dev.errand.agent.call.Tool;
import dev.errand.agent.call.WholeCall;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import io.netty.buffer.ByteBufUtil;
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
    /** Longest message of a server, in bytes: as long as the gateway lets an answer of a list be. */
    static final int MOST = 4 << 20;

    private static final int OK = 200;

    private final McpBridge bridge;
    private final @Nullable McpMessage message;
    private final EventLines events;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable WholeCall call;
    private int status;
    private boolean streams;
    private boolean passes;
    private boolean answered;
    private boolean over;

    /** @param message null for the stream on which the server sends messages without a request */
    McpPost(McpBridge bridge, @Nullable McpMessage message) {
        this.bridge = bridge;
        this.message = message;
        this.events = new EventLines(this::event);
    }

    @Nullable McpMessage message() {
        return message;
    }

    void sentAs(WholeCall sent) {
        call = sent;
    }

    void resume() {
        if (call != null && !over && isWritable()) {
            call.resume();
        }
    }

    /**
     * Repeats the request no more. Returns whether a repeat was scheduled: then nothing of the request is under way.
     */
    boolean giveUpRepeats() {
        return call != null && call.giveUpRepeats();
    }

    void cancel() {
        boolean open = !over;
        over = true;
        if (open && call != null) {
            call.cancel();
        }
        bridge.longAnswers().leave(this);
    }

    @Override
    public void answer(HttpResponse head, boolean retryAfter, boolean unasked) {
        status = head.status().code();
        String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        streams = status == OK && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
        boolean json = type.toLowerCase(Locale.ROOT).startsWith("application/json");
        passes = status == OK && json && !head.headers().contains("Errand-Code");
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
            fail("the server's message is longer than " + (MOST >> 20) + " MiB: the call may have been executed");
        } else if (!streams) {
            body.writeBytes(bytes);
        } else if (events.held() <= LongAnswers.SHORT) {
            bridge.longAnswers().leave(this);
        }
    }

    @Override
    public void ownAnswer(FullHttpResponse answer) {
        status = answer.status().code();
        body.writeBytes(ByteBufUtil.getBytes(answer.content()));
        answer.release();
    }

    @Override
    public void callEnded() {
        over = true;
        try {
            readWhole(body.toByteArray());
        } catch (RuntimeException | OutOfMemoryError fault) {
            fail("the answer cannot be read: the call may have been executed");
        }
    }

    /**
     * Gives the client the server's answer to an executed call unchanged, even if it looks malformed: the client judges
     * it.
     */
    private void readWhole(byte[] json) {
        MessageSummary glance = MessageSummary.of(json);
        boolean unreadable = glance == null && passes && startsAsJson(json);
        if (unreadable || glance != null && glance.jsonRpc()) {
            give(json, glance);
        } else if (message != null && message.requestId() != null && !answered) {
            fail(refusal(object(json), new String(json, StandardCharsets.UTF_8)));
        } else {
            end();
        }
    }

    private static boolean startsAsJson(byte[] text) {
        for (byte b : text) {
            if (" \t\r\n".indexOf(b) < 0) {
                return b == '{' || b == '[';
            }
        }
        return false;
    }

    private String refusal(@Nullable JsonObject json, String text) {
        String code = json == null ? null : json.string("code");
        if (json == null || code == null) {
            String first = json == null ? text.lines().findFirst().orElse("") : "";
            return "the gateway answered " + status + (first.isEmpty() ? "" : ": " + first);
        }
        return "errand: " + code + ": " + json.string("detail") + " (decision " + json.string("decision") + ")";
    }

    private static @Nullable JsonObject object(byte[] text) {
        try {
            return Json.parseObject(text);
        } catch (MalformedJsonException other) {
            return null;
        }
    }

    private void event(byte[] json) {
        give(json, MessageSummary.of(json));
    }

    private void give(byte[] json, @Nullable MessageSummary glance) {
        boolean reply = glance != null && glance.reply();
        answered |= reply || glance == null;
        bridge.give(message, json, glance);
        if (over || reply && !streams) {
            end();
        }
    }

    /** Answers the request with an error, if it has no answer yet. */
    void fail(String why) {
        over = true;
        String id = message == null ? null : message.requestId();
        if (id != null && !answered) {
            answered = true;
            bridge.give(message, McpMessage.error(id, why), null);
        }
        end();
    }

    private void end() {
        bridge.longAnswers().leave(this);
        bridge.ended(this);
    }

    /** Whether the answer was a stream of events. */
    boolean isStream() {
        return streams;
    }

    @Override
    public void abort() {
        over = true;
        fail("the server's answer broke off");
    }

    @Override
    public boolean isWritable() {
        int held = streams ? events.held() : body.size();
        return bridge.isWritable()
                && (held <= LongAnswers.SHORT || bridge.longAnswers().admits(this));
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
