package dev.errand.agent.serve;

import dev.errand.agent.mcp.McpMessage;
import dev.errand.agent.mcp.MessageSummary;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One session of MCP, and its process. Its state is used on the event loop only.
 *
 * <p>A message of the server that answers no request goes with the request whose progress it tells. A request of the server goes with
 * the newest request of the client, else to the open stream. Any other goes to the open stream, else with the newest request.
 * If there is neither, it waits for a stream, for which there is little room.
 */
final class StdioSession implements StdioProcess.Receiver {
    private static final String INITIALIZE = "initialize";

    private final String id;
    private final EventLoop loop;
    private final Bounds bounds;
    private final Lifecycle life;
    private final StdioProcess process;
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();
    private final ArrayDeque<byte[]> held = new ArrayDeque<>();
    private @Nullable McpAnswer stream;
    private @Nullable String over;
    private int heldBytes;
    private int badLines;
    private long usedNanos = System.nanoTime();

    /** What happens to the session. Called on the event loop. */
    interface Lifecycle {
        /** The session takes no more requests. */
        void ended(StdioSession session, String why);

        /** Its process is gone. */
        void gone();

        /** Its process said a line that is no message. */
        void badLine();
    }

    /** A request that has no answer yet. The message itself is not kept, since it may be large and wait long. */
    private record Waiting(
            boolean first,
            @Nullable String progressToken,
            McpAnswer answer,
            ScheduledFuture<?> deadline,
            ScheduledFuture<?> quiet) {
        void stop() {
            deadline.cancel(false);
            quiet.cancel(false);
        }
    }

    /** To whom the last message went. */
    private @Nullable McpAnswer to;

    StdioSession(String id, EventLoop loop, List<String> command, Bounds bounds, LongLines longLines, Lifecycle life) {
        this.id = id;
        this.loop = loop;
        this.bounds = bounds;
        this.life = life;
        this.process = new StdioProcess(command, bounds, longLines, this);
    }

    String id() {
        return id;
    }

    /** For how long nobody used it; zero while a request or a stream is open. */
    Duration unused() {
        boolean used = !waiting.isEmpty() || stream != null && stream.isOpen();
        return used ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - usedNanos);
    }

    /** Passes a message of the client to the process, and answers it. */
    void post(McpMessage message, McpAnswer answer) {
        usedNanos = System.nanoTime();
        String request = message.requestId();
        String refused = over;
        if (refused != null) {
            answer.fail(HttpResponseStatus.BAD_GATEWAY, request, refused);
        } else if (request != null && waiting.containsKey(request)) {
            answer.fail(HttpResponseStatus.CONFLICT, request, "a request with this id has no answer yet");
        } else if (request != null && waiting.size() >= bounds.inFlight()) {
            answer.fail(HttpResponseStatus.TOO_MANY_REQUESTS, request, "too many requests have no answer yet");
        } else if (!process.send(message.text().getBytes(StandardCharsets.UTF_8))) {
            answer.fail(HttpResponseStatus.SERVICE_UNAVAILABLE, request, "the server does not read its messages");
        } else if (request == null) {
            answer.end();
        } else {
            await(request, message, answer);
        }
    }

    private void await(String request, McpMessage message, McpAnswer answer) {
        boolean first = message.method().equals(INITIALIZE);
        Duration longest = first ? bounds.initialize() : bounds.answer();
        ScheduledFuture<?> deadline =
                loop.schedule(() -> unanswered(request, first), longest.toMillis(), TimeUnit.MILLISECONDS);
        long quiet = bounds.quiet().toMillis();
        ScheduledFuture<?> alive = loop.scheduleAtFixedRate(answer::stream, quiet, quiet, TimeUnit.MILLISECONDS);
        waiting.put(request, new Waiting(first, message.progressToken(), answer, deadline, alive));
    }

    private void unanswered(String request, boolean first) {
        Waiting late = waiting.remove(request);
        if (late == null) {
            return;
        }
        late.stop();
        late.answer().fail(HttpResponseStatus.GATEWAY_TIMEOUT, request, "the server did not answer in time");
        if (first) {
            end("the server did not answer in time");
        } else {
            process.send(("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":"
                            + request + ",\"reason\":\"no answer in time\"}}")
                    .getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Opens the stream for messages that answer no request. It takes the place of one that is open. */
    void listen(McpAnswer answer) {
        usedNanos = System.nanoTime();
        if (over != null) {
            answer.fail(HttpResponseStatus.NOT_FOUND, null, over);
            return;
        }
        if (stream != null) {
            stream.end();
        }
        stream = answer;
        answer.stream();
        for (byte[] message = held.poll(); message != null; message = held.poll()) {
            heldBytes -= message.length;
            answer.event(message);
        }
    }

    /** Shows on the open stream that it lives. */
    void alive() {
        if (stream != null) {
            stream.stream();
        }
    }

    /** Ends the session and its process. */
    void end(String why) {
        if (over != null) {
            return;
        }
        over = why;
        List.copyOf(waiting.entrySet()).forEach(each -> {
            each.getValue().stop();
            each.getValue().answer().fail(HttpResponseStatus.BAD_GATEWAY, each.getKey(), why);
        });
        waiting.clear();
        held.clear();
        if (stream != null && stream.isOpen()) {
            stream.end();
        }
        process.end();
        life.ended(this, why);
    }

    @Override
    public CompletableFuture<Void> line(byte[] line) {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        loop.execute(() -> take(line).whenComplete((done, failed) -> taken.complete(null)));
        return taken;
    }

    @Override
    public void late() {
        loop.execute(() -> {
            if (to != null) {
                to.cut();
            }
        });
    }

    @Override
    public void ended(String why) {
        loop.execute(() -> end(why));
    }

    @Override
    public void gone() {
        loop.execute(life::gone);
    }

    private CompletableFuture<Void> take(byte[] line) {
        MessageSummary message = MessageSummary.of(line);
        if (message == null || !message.jsonRpc()) {
            life.badLine();
            badLines++;
            if (badLines > bounds.badLines()) {
                end("the server's output is no MCP");
            }
            return CompletableFuture.completedFuture(null);
        }
        if (message.reply()) {
            return reply(message, line);
        }
        McpAnswer found = receiver(message);
        if (found != null) {
            to = found;
            return found.event(line);
        }
        if (over == null && heldBytes + line.length <= Bounds.HELD) {
            held.add(line);
            heldBytes += line.length;
        }
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> reply(MessageSummary message, byte[] line) {
        Waiting answered = waiting.remove(String.valueOf(message.id()));
        if (answered == null) {
            // The answer to a request that was given up.
            return CompletableFuture.completedFuture(null);
        }
        usedNanos = System.nanoTime();
        answered.stop();
        to = answered.answer();
        CompletableFuture<Void> sent = answered.answer().finish(line);
        if (answered.first() && message.revision() == null) {
            end("the server did not begin the session");
        }
        return sent;
    }

    /** Where a message of the server goes that answers no request; null if nothing takes it. */
    private @Nullable McpAnswer receiver(MessageSummary message) {
        McpAnswer newest = null;
        for (Waiting each : waiting.values()) {
            if (each.answer().takesEvents()) {
                newest = each.answer();
                String token = each.progressToken();
                if (token != null && token.equals(message.progressToken())) {
                    return newest;
                }
            }
        }
        McpAnswer open = stream != null && stream.takesEvents() ? stream : null;
        boolean asks = message.id() != null;
        return asks ? newest == null ? open : newest : open == null ? newest : open;
    }
}
