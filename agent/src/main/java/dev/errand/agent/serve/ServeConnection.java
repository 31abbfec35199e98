package dev.errand.agent.serve;

import dev.errand.agent.listen.OpenTools;
import dev.errand.agent.mcp.McpMessage;
import dev.errand.json.Json.MalformedJsonException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One connection: one request after the other, each with its answer (MCP, streamable HTTP). A request that comes before the answer
 * to the one before it ends the connection. Used on the event loop only.
 */
final class ServeConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final String SESSION = "Mcp-Session-Id";

    private final Sessions sessions;
    private final OpenTools.Watch silence;
    private boolean answering;

    ServeConnection(Sessions sessions, OpenTools.Watch silence) {
        this.sessions = sessions;
        this.silence = silence;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (answering || request.decoderResult().isFailure()) {
            context.close();
            return;
        }
        answering = true;
        boolean events = request.headers().getAll(HttpHeaderNames.ACCEPT).stream()
                .anyMatch(accepted -> accepted.contains("text/event-stream") || accepted.contains("*/*"));
        McpAnswer answer = new McpAnswer(context, events, () -> {
            answering = false;
            silence.awaited(context);
        });
        String id = request.headers().get(SESSION);
        StdioSession session = sessions.find(id);
        if (request.method().equals(HttpMethod.POST)) {
            post(request, id, session, answer);
        } else if (session == null) {
            absent(id, null, answer);
        } else if (request.method().equals(HttpMethod.DELETE)) {
            session.end("the client has ended the session");
            answer.end();
        } else if (answer.takesEvents()) {
            session.listen(answer);
        } else {
            answer.fail(HttpResponseStatus.NOT_ACCEPTABLE, null, "a GET asks for text/event-stream");
        }
    }

    private void post(FullHttpRequest post, @Nullable String id, @Nullable StdioSession named, McpAnswer answer) {
        McpMessage message;
        try {
            message = McpMessage.parse(post.content().toString(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            answer.fail(HttpResponseStatus.BAD_REQUEST, null, "not one JSON-RPC message: " + e.getMessage());
            return;
        }
        String request = message.requestId();
        if (request != null && request.length() > McpMessage.MOST_CHARACTERS) {
            answer.fail(
                    HttpResponseStatus.BAD_REQUEST,
                    null,
                    "the id of a request has more than " + McpMessage.MOST_CHARACTERS + " characters");
            return;
        }
        boolean begins = id == null && message.method().equals("initialize") && request != null;
        StdioSession session = begins ? sessions.begin() : named;
        if (session != null) {
            if (begins) {
                answer.names(session.id());
            }
            session.post(message, answer);
        } else if (begins) {
            answer.fail(
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    request,
                    sessions.bounds().processes() + " sessions are open already");
        } else {
            absent(id, request, answer);
        }
    }

    private static void absent(@Nullable String id, @Nullable String request, McpAnswer answer) {
        if (id == null) {
            answer.fail(HttpResponseStatus.BAD_REQUEST, request, "no Mcp-Session-Id: begin with initialize");
        } else {
            answer.fail(HttpResponseStatus.NOT_FOUND, request, "there is no such session: begin with initialize");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
