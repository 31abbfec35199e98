package dev.errand.agent.mcp;

import dev.errand.agent.call.CallResources;
import dev.errand.agent.call.WholeCall;
import dev.errand.json.Json.MalformedJsonException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An MCP server over stdio (MCP, transports) that sends its messages to one endpoint by streamable HTTP. Its state is
 * used on the event loop only.
 */
public final class McpBridge {
    /** Requests under way at once; further ones wait in standard input. */
    private static final int MOST = 64;

    private static final int LAST_SECONDS = 30;
    private static final long MOST_LISTEN_SECONDS = 60;
    private static final String SESSION = "Mcp-Session-Id";
    private static final String REVISION = "MCP-Protocol-Version";
    private static final Pattern SAID_REVISION = Pattern.compile("[0-9A-Za-z.-]{1,32}");
    private static final String MODERN = "2026";

    private final CallResources resources;
    private final String endpoint;
    private final LineWriter out;
    private final Semaphore underWay = new Semaphore(MOST);
    private final Set<McpPost> posts = new LinkedHashSet<>();
    private final Map<String, McpPost> requests = new HashMap<>();
    private final ArrayDeque<McpMessage> behindInitialize = new ArrayDeque<>();
    private final LongAnswers longAnswers = new LongAnswers();
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable String session;
    private @Nullable String revision;
    private boolean initializing;
    private boolean over;
    private long listenSeconds = 1;
    private @Nullable McpPost closing;

    /** @param endpoint its path at the gateway */
    public McpBridge(CallResources resources, String endpoint, OutputStream out) {
        this.resources = resources;
        this.endpoint = endpoint;
        EventLoop loop = resources.gateway().loop();
        this.out =
                new LineWriter(out, () -> loop.execute(() -> List.copyOf(posts).forEach(McpPost::resume)));
    }

    /** Serves until the input ends. Blocks, so it is not called on the event loop. */
    public void serve(InputStream in) throws IOException, InterruptedException {
        EventLoop loop = resources.gateway().loop();
        InputLines lines = new InputLines(in);
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (line.isBlank()) {
                continue;
            }
            try {
                McpMessage message = McpMessage.parse(line);
                underWay.acquire();
                loop.execute(() -> takeSafely(message));
            } catch (MalformedJsonException e) {
                out.write(McpMessage.unreadable(line, e));
            }
        }
        // The requests under way still get their answers.
        boolean done = underWay.tryAcquire(MOST, LAST_SECONDS, TimeUnit.SECONDS);
        loop.execute(this::close);
        closed.await(done ? LAST_SECONDS : 1, TimeUnit.SECONDS);
        out.drain();
    }

    /** A fault with one message must not end the bridge. */
    private void takeSafely(McpMessage message) {
        try {
            take(message);
        } catch (RuntimeException fault) {
            out.write(McpMessage.error("null", "the message cannot be sent"));
            underWay.release();
        }
    }

    private void take(McpMessage message) {
        String cancelled = message.cancels();
        String own = message.revision();
        if (isRevision(own)) {
            revision = own;
        }
        if (cancelled != null && (giveUpRepeats(cancelled) || isModern())) {
            McpPost post = requests.get(cancelled);
            if (post != null) {
                post.cancel();
                ended(post);
            }
            underWay.release();
        } else if (initializing) {
            behindInitialize.add(message);
        } else {
            post(message);
        }
    }

    /**
     * Sends a cancelled request no more. Returns whether a repeat was scheduled: then the server never got the request.
     */
    private boolean giveUpRepeats(String id) {
        McpPost post = requests.get(id);
        return post != null && post.giveUpRepeats();
    }

    /** Whether the text is a revision: it is put into a header field, and compared. */
    private static boolean isRevision(@Nullable String said) {
        return said != null && SAID_REVISION.matcher(said).matches();
    }

    private boolean isModern() {
        return revision != null && revision.compareTo(MODERN) > 0;
    }

    private void post(McpMessage message) {
        McpPost post = new McpPost(this, message);
        String id = message.requestId();
        posts.add(post);
        if (id != null) {
            requests.put(id, post);
        }
        initializing = message.method().equals("initialize");
        try {
            HttpHeaders headers = headers(message).set("Content-Type", "application/json");
            post.sentAs(WholeCall.begin(
                    resources,
                    post,
                    HttpMethod.POST,
                    endpoint,
                    headers,
                    message.text().getBytes(StandardCharsets.UTF_8)));
        } catch (RuntimeException fault) {
            post.fail("the message cannot be sent");
        }
    }

    private HttpHeaders headers(@Nullable McpMessage message) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set("Accept", message == null ? "text/event-stream" : "application/json, text/event-stream");
        if (session != null) {
            headers.set(SESSION, session);
        }
        if (revision != null) {
            headers.set(REVISION, revision);
        }
        String name = message == null ? null : message.name();
        if (message != null && isModern() && !message.method().isEmpty()) {
            headers.set("Mcp-Method", message.method());
            if (name != null) {
                headers.set("Mcp-Name", name);
            }
        }
        return headers;
    }

    /** Reads the head of an answer. */
    void heard(@Nullable McpMessage message, HttpHeaders headers) {
        if (message != null && message.method().equals("initialize") && headers.contains(SESSION)) {
            session = headers.get(SESSION);
        }
    }

    /** Writes a message of the server to the client. */
    void give(@Nullable McpMessage asked, byte[] json, @Nullable MessageSummary glance) {
        String said = glance == null ? null : glance.revision();
        if (asked != null && asked.method().equals("initialize") && isRevision(said)) {
            revision = said;
        }
        out.write(json);
    }

    LongAnswers longAnswers() {
        return longAnswers;
    }

    boolean isWritable() {
        return out.isWritable();
    }

    /** A request to the endpoint is over. */
    void ended(McpPost post) {
        if (post == closing) {
            closed.countDown();
        }
        McpMessage message = post.message();
        if (!posts.remove(post)) {
            return;
        }
        if (message == null) {
            listenAgain(post);
            return;
        }
        requests.values().remove(post);
        underWay.release();
        if (message.method().equals("initialize")) {
            initializing = false;
            while (!initializing && !behindInitialize.isEmpty()) {
                post(behindInitialize.remove());
            }
        }
        if (message.method().equals("notifications/initialized") && session != null) {
            listen();
        }
    }

    /**
     * Opens the stream on which the server sends messages without a request. A server without such a stream refuses.
     */
    private void listen() {
        if (over) {
            return;
        }
        McpPost stream = new McpPost(this, null);
        posts.add(stream);
        stream.sentAs(WholeCall.begin(resources, stream, HttpMethod.GET, endpoint, headers(null), new byte[0]));
    }

    /** Opens a broken stream again, each time after a longer pause, since each opening may cost the task a call. */
    private void listenAgain(McpPost stream) {
        if (stream.isStream() && !over) {
            resources.gateway().loop().schedule(this::listen, listenSeconds, TimeUnit.SECONDS);
            listenSeconds = Math.min(MOST_LISTEN_SECONDS, listenSeconds * 2);
        }
    }

    /** Ends the open requests, and the session. */
    private void close() {
        over = true;
        List.copyOf(posts).forEach(McpPost::cancel);
        posts.clear();
        if (session == null) {
            closed.countDown();
            return;
        }
        McpPost end = new McpPost(this, null);
        closing = end;
        end.sentAs(WholeCall.begin(resources, end, HttpMethod.DELETE, endpoint, headers(null), new byte[0]));
    }
}
