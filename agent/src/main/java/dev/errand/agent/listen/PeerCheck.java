package dev.errand.agent.listen;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;

/** Closes a TCP connection of a user who is not admitted. No byte is read before the user is known. */
final class PeerCheck extends ChannelInboundHandlerAdapter {
    private final PeerUsers users;

    PeerCheck(PeerUsers users) {
        this.users = users;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (context.channel().remoteAddress() instanceof InetSocketAddress peer
                && context.channel().localAddress() instanceof InetSocketAddress own) {
            users.admits(new Connection(peer, own))
                    .thenAcceptAsync(admitted -> decided(context, admitted), context.executor());
        } else {
            // The other end has left already.
            context.close();
        }
    }

    private static void decided(ChannelHandlerContext context, boolean admitted) {
        if (admitted) {
            context.fireChannelActive();
        } else {
            context.close();
        }
    }
}
