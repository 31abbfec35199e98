package dev.errand.agent.call;

import dev.errand.holder.AgentException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request of the companion itself and its whole answer, of at most 1 MiB, within 30 seconds. */
public final class Exchange implements AnswerListener, Connections.Taker {
    private static final int MOST = 1 << 20;
    private static final int SECONDS = 30;

    private final FullHttpRequest request;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable BackConnection connection;
    private @Nullable HttpResponse head;

    private Exchange(FullHttpRequest request) {
        this.request = request;
    }

    /**
     * Sends a request and waits for its answer. Blocks, so it is not called on the event loop.
     *
     * @param path below the gateway's base
     * @throws AgentException if there is no whole answer
     */
    public static Answer send(Connections to, HttpMethod method, String path, HttpHeaders headers, byte[] body) {
        Exchange exchange = begin(to, method, path, headers, body);
        String why;
        try {
            return exchange.answer.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            why = String.valueOf(e.getCause() == null ? null : e.getCause().getMessage());
        } catch (TimeoutException e) {
            why = "no answer in " + SECONDS + " seconds";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            why = "interrupted";
        }
        to.loop().execute(exchange::giveUp);
        throw new AgentException("the gateway at " + to.address().origin() + " cannot be reached: " + why);
    }

    /**
     * Sends a request. Does not block.
     *
     * @param path below the gateway's base
     */
    static Exchange begin(Connections to, HttpMethod method, String path, HttpHeaders headers, byte[] body) {
        GatewayAddress address = to.address();
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, method, address.base() + path, Unpooled.wrappedBuffer(body));
        request.headers().set(headers).set(HttpHeaderNames.HOST, address.authority());
        if (body.length > 0 || method.equals(HttpMethod.POST)) {
            HttpUtil.setContentLength(request, body.length);
        }
        Exchange exchange = new Exchange(request);
        to.loop().execute(() -> to.take(exchange));
        return exchange;
    }

    /** The whole answer, once it is there; it is completed on the event loop. Nobody else may complete it. */
    CompletableFuture<Answer> answer() {
        return answer;
    }

    @Override
    public void connected(BackConnection taken) {
        if (answer.isDone()) {
            taken.release();
            request.release();
            return;
        }
        connection = taken;
        taken.listen(this);
        taken.write(request);
        taken.flush();
        taken.read();
    }

    @Override
    public void failed(Throwable why) {
        request.release();
        answer.completeExceptionally(why);
    }

    @Override
    public void head(HttpResponse read) {
        head = read;
    }

    @Override
    public void body(HttpContent part) {
        try {
            if (body.size() + part.content().readableBytes() > MOST) {
                answer.completeExceptionally(new AgentException("its answer is too long"));
                giveUp();
                return;
            }
            byte[] bytes = new byte[part.content().readableBytes()];
            part.content().readBytes(bytes);
            body.writeBytes(bytes);
        } finally {
            part.release();
        }
        HttpResponse whole = head;
        if (part instanceof LastHttpContent && whole != null && whole.status().code() >= 200) {
            BackConnection used = connection;
            connection = null;
            if (used != null && HttpUtil.isKeepAlive(whole)) {
                used.release();
            } else if (used != null) {
                used.close();
            }
            answer.complete(new Answer(whole.status().code(), whole.headers(), body.toByteArray()));
        }
    }

    @Override
    public void pause() {
        if (connection != null) {
            connection.read();
        }
    }

    @Override
    public void writable() {}

    @Override
    public void broken() {
        connection = null;
        answer.completeExceptionally(new AgentException("the connection ended"));
    }

    /** Waits no more for the answer. */
    void giveUp() {
        answer.cancel(false);
        BackConnection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
