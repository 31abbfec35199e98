package dev.errand.state.redis.link;

import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.IOUringProvider;
import io.lettuce.core.resource.KqueueProvider;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Gives Lettuce an event loop of a server for one connection, so that no other thread is needed for the store's answer
 * ({@link LoopLinks} has the figures: 0.902 of the processor time at 300 calls a second). Neither creates nor ends the
 * loop.
 */
record GivenLoop(EventLoop loop) implements EventLoopGroupProvider {
    /** Whether Lettuce can use the loop. Lettuce chooses its transport by itself, in this order. */
    static boolean suits(EventLoop loop) {
        if (!(loop instanceof IoEventLoop transport)) {
            return false;
        }
        if (KqueueProvider.isAvailable() || IOUringProvider.isAvailable()) {
            return false;
        }
        return transport.isIoType(EpollProvider.isAvailable() ? EpollIoHandler.class : NioIoHandler.class);
    }

    @Override
    @SuppressWarnings("unchecked") // Lettuce accepts any kind of group, and a loop is one
    public <T extends EventLoopGroup> T allocate(Class<T> type) {
        return (T) loop;
    }

    @Override
    public int threadPoolSize() {
        return 1;
    }

    @Override
    public Future<Boolean> release(EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }

    @Override
    public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }
}
