package dev.errand.state.redis.link;

import dev.errand.loop.EndOfTurn;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ByteArrayOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Script calls on one connection. The calls of one turn of an event loop, and all others that wait by then, go to a
 * server in one write. If the connection is on another thread, this needs only one change of threads. The server also
 * answers them together. Thread-safe, never blocking.
 */
final class ScriptCalls {
    private final StatefulConnection<byte[], byte[]> connection;
    private final @Nullable EventLoop loop;
    private final Queue<AsyncCommand<byte[], byte[], byte[]>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean due = new AtomicBoolean();
    private final Runnable wake = this::wake;
    private final Runnable woken = this::woken;

    private ScriptCalls(StatefulConnection<byte[], byte[]> connection, @Nullable EventLoop loop) {
        this.connection = connection;
        this.loop = loop;
    }

    /** Calls to a server whose connection is on that event loop. */
    static ScriptCalls toServer(StatefulConnection<byte[], byte[]> connection, EventLoop loop) {
        return new ScriptCalls(connection, loop);
    }

    /** Calls to a cluster, whose client finds the node of each call. */
    static ScriptCalls toCluster(StatefulConnection<byte[], byte[]> connection) {
        return new ScriptCalls(connection, null);
    }

    /**
     * Calls a script that the server knows by its digest.
     *
     * @param sha the digest, hexadecimal
     * @param turn the call is sent at the end of this turn, with the others
     * @return the answer; fails if the server or the connection fails, or after the connection's command timeout if it
     *     has one
     */
    CompletableFuture<byte[]> call(String sha, byte[][] keys, byte[][] arguments, EndOfTurn turn) {
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add(sha)
                .add(keys.length)
                .addKeys(keys)
                .addValues(arguments);
        AsyncCommand<byte[], byte[], byte[]> command = new AsyncCommand<>(
                new Command<>(CommandType.EVALSHA, new ByteArrayOutput<>(ByteArrayCodec.INSTANCE), args));
        waiting.add(command);
        turn.defer(wake);
        return command;
    }

    private void wake() {
        if (loop == null || loop.inEventLoop()) {
            send();
        } else if (due.compareAndSet(false, true)) {
            try {
                loop.execute(woken);
            } catch (RejectedExecutionException closed) {
                due.set(false);
                fail(taken(), closed);
            }
        }
    }

    private void woken() {
        due.set(false);
        send();
    }

    private void send() {
        List<AsyncCommand<byte[], byte[], byte[]>> commands = taken();
        try {
            if (loop != null && !commands.isEmpty()) {
                connection.dispatch(commands);
            } else {
                commands.forEach(connection::dispatch);
            }
        } catch (RuntimeException | Error refused) {
            // The client does not complete these commands, so it is done here.
            fail(commands, refused);
        }
    }

    private List<AsyncCommand<byte[], byte[], byte[]>> taken() {
        List<AsyncCommand<byte[], byte[], byte[]>> commands = new ArrayList<>();
        for (AsyncCommand<byte[], byte[], byte[]> next = waiting.poll(); next != null; next = waiting.poll()) {
            commands.add(next);
        }
        return commands;
    }

    private static void fail(List<AsyncCommand<byte[], byte[], byte[]>> commands, Throwable why) {
        commands.forEach(command -> command.completeExceptionally(why));
    }
}
