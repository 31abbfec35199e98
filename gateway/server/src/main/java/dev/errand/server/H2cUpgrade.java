package dev.errand.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;

/**
 * Leads requests past the handler that would accept {@code Upgrade: h2c}, so that they are judged like any other upgrade. Else
 * a proxy in front that passes such an upgrade on would see none of the calls that follow. One per connection.
 */
final class H2cUpgrade extends ChannelInboundHandlerAdapter {
    private final ChannelHandlerContext upgrade;

    private H2cUpgrade(ChannelHandlerContext upgrade) {
        this.upgrade = upgrade;
    }

    /** To be called when the connection's handlers are in place. */
    static void ignoreOn(ChannelPipeline pipeline) {
        ChannelHandlerContext upgrade = pipeline.context(HttpServerUpgradeHandler.class);
        if (upgrade == null) {
            throw new IllegalStateException("no handler of Upgrade: h2c to be passed by");
        }
        pipeline.addBefore(upgrade.name(), null, new H2cUpgrade(upgrade));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (upgrade.isRemoved()) {
            // The client began with HTTP/2, by prior knowledge.
            ctx.fireChannelRead(message);
        } else {
            upgrade.fireChannelRead(message);
        }
    }
}
