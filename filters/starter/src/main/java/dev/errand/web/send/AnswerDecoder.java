package dev.errand.web.send;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * Reads the answers of one HTTP/1.1 connection to an upstream, and holds the upstream to one answer per request (RFC
 * 9112 section 6.3). Bytes that no request asked for never become the answer to a later request:
 *
 * <ul>
 *   <li>bytes that come while no request is open close the connection at once;
 *   <li>a connection on which bytes follow the end of an answer is closed after that answer;
 *   <li>so is one with an answer that has no body (to HEAD, 204, 304) and announces one: the body may still be on its way.
 * </ul>
 *
 * <p>Interim answers (1xx) are dropped, {@value #MAX_INTERIM} of them at most before each answer. A 101 is an answer only
 * to a request that asked to change the protocol. Any other 101, and an answer that cannot be read, close the connection, and
 * the request fails as if the connection had broken. Used on the connection's event loop only.
 */
final class AnswerDecoder extends HttpResponseDecoder {
    /** The most interim answers that may come before an answer. */
    static final int MAX_INTERIM = 32;

    private static final int SWITCHING_PROTOCOLS = 101;

    /** The method of the request that is to be answered; null when no request is open. */
    private @Nullable HttpMethod asked;

    private boolean upgradeAsked;
    private boolean upgraded;

    /** Whether the answer announces a body and has none. */
    private boolean announced;

    private int interim;

    /** Whether an interim answer was read last: the channel must then be asked for the rest of the answer. */
    private boolean readOn;

    AnswerDecoder(HttpDecoderConfig config) {
        super(config);
    }

    /** Notes the request that is written now. */
    void asked(HttpRequest request) {
        asked = request.method();
        upgradeAsked = request.headers().contains(HttpHeaderNames.UPGRADE);
        announced = false;
        interim = 0;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) throws Exception {
        if (upgraded) {
            super.decode(context, bytes, out);
            return;
        }
        if (asked == null) {
            if (bytes.isReadable()) {
                bytes.skipBytes(bytes.readableBytes());
                close(context, Surplus.UNASKED);
            }
            return;
        }
        int from = out.size();
        super.decode(context, bytes, out);
        judge(context, bytes, out, from);
    }

    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) throws Exception {
        int from = out.size();
        super.decodeLast(context, bytes, out);
        if (!upgraded) {
            judge(context, bytes, out, from);
        }
    }

    /** Looks at what was read: at most a head, a part of a body, and its end. */
    private void judge(ChannelHandlerContext context, ByteBuf bytes, List<Object> out, int from) {
        for (int i = from; i < out.size(); i++) {
            Object part = out.get(i);
            if (part instanceof HttpResponse head && !isAnswer(context, head)) {
                drop(out, i);
                if (asked == null) {
                    bytes.skipBytes(bytes.readableBytes());
                }
                return;
            }
            readOn = false;
            if (part instanceof LastHttpContent && !upgraded) {
                end(context, bytes);
            }
        }
    }

    /** Whether the head is the answer to the request. If not, it is dropped together with the empty body after it. */
    private boolean isAnswer(ChannelHandlerContext context, HttpResponse head) {
        if (head.decoderResult().isFailure()) {
            close(context, Surplus.UNREADABLE);
            return false;
        }
        if (head.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            return true;
        }
        if (head.status().code() == SWITCHING_PROTOCOLS) {
            if (upgradeAsked) {
                upgraded = true;
                return true;
            }
            close(context, Surplus.SWITCH);
        } else if (++interim > MAX_INTERIM) {
            close(context, Surplus.INTERIM);
        } else {
            readOn = true;
        }
        return false;
    }

    private static void drop(List<Object> out, int from) {
        for (int i = out.size() - 1; i >= from; i--) {
            ReferenceCountUtil.release(out.remove(i));
        }
    }

    /** The answer is whole. */
    private void end(ChannelHandlerContext context, ByteBuf bytes) {
        asked = null;
        int surplus = bytes.readableBytes();
        if (surplus > 0) {
            bytes.skipBytes(surplus);
            Surplus.BEHIND.log(context.channel());
        }
        if (surplus > 0 || announced) {
            Connection.from(context.channel()).markPersistent(false);
        }
    }

    private void close(ChannelHandlerContext context, Surplus why) {
        asked = null;
        why.log(context.channel());
        context.close();
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        HttpStatusClass status = ((HttpResponse) message).status().codeClass();
        boolean empty = super.isContentAlwaysEmpty(message)
                || (HttpMethod.HEAD.equals(asked) && status != HttpStatusClass.INFORMATIONAL)
                || (HttpMethod.CONNECT.equals(asked) && status == HttpStatusClass.SUCCESS);
        announced = empty && announcesBody(message.headers());
        return empty;
    }

    private static boolean announcesBody(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length == null ? headers.contains(HttpHeaderNames.TRANSFER_ENCODING) : !length.equals("0");
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        if (readOn && !context.channel().config().isAutoRead()) {
            // The later handlers got nothing, so none of them asks for more.
            context.read();
        }
    }
}
