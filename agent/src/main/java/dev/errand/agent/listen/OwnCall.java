package dev.errand.agent.listen;

import dev.errand.agent.call.OwnAnswer;
import dev.errand.agent.call.Served;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;

/** A request that the companion answers by itself. The body, of at most 64 KiB, is read first. */
final class OwnCall implements Served {
    private static final int MOST = 64 << 10;

    private final ToolConnection tool;
    private final HttpRequest request;
    private final OwnService service;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean over;

    OwnCall(ToolConnection tool, HttpRequest request, OwnService service) {
        this.tool = tool;
        this.request = request;
        this.service = service;
        if (HttpUtil.is100ContinueExpected(request)) {
            tool.goOn();
        }
    }

    @Override
    public boolean takesBody() {
        return true;
    }

    @Override
    public void take(HttpContent part) {
        try {
            byte[] bytes = new byte[part.content().readableBytes()];
            part.content().readBytes(bytes);
            if (over) {
                return;
            }
            body.writeBytes(bytes);
            boolean whole = part instanceof LastHttpContent;
            if (body.size() > MOST) {
                over = true;
                tool.ownAnswer(OwnAnswer.text(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "errand agent: too long"));
                tool.callEnded();
            } else if (whole) {
                over = true;
                tool.ownAnswer(service.answer(request, body.toByteArray()));
                tool.callEnded();
            }
        } finally {
            part.release();
        }
    }

    @Override
    public void flush() {}

    @Override
    public void resume() {}

    @Override
    public void cancel() {
        over = true;
    }
}
