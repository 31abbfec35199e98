package dev.errand.it;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A command in a container that is not there: {@code echo WORD…}, {@code cat} (its input), {@code exit N}. It begins when
 * all the streams are open that the request asked for.
 */
final class KubeletExec extends KubeletStreams {
    private static final String SUCCESS = "{\"metadata\":{},\"status\":\"Success\"}";
    private static final String FAILURE =
            "{\"metadata\":{},\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"message\":\"command terminated with exit code %1$s\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"%1$s\"}]}}";

    private final List<String> command;
    private final Set<String> awaited = new HashSet<>(Set.of("error"));

    KubeletExec(Map<String, List<String>> parameters) {
        command = parameters.getOrDefault("command", List.of());
        Map.of("input", "stdin", "output", "stdout", "error", "stderr").forEach((parameter, type) -> {
            if (parameters.containsKey(parameter)) {
                awaited.add(type);
            }
        });
    }

    @Override
    void opened(ChannelHandlerContext context, int stream, String type) {
        if (!awaited.remove(type) || !awaited.isEmpty()) {
            return;
        }
        switch (command.get(0)) {
            case "echo" -> {
                String words = String.join(" ", command.subList(1, command.size()));
                say(context, "stdout", bytes(words + '\n'), false);
                end(context, SUCCESS);
            }
            case "cat" -> {
                // It ends with its input.
            }
            case "exit" -> end(context, FAILURE.formatted(command.get(1)));
            default -> {
                say(context, "stderr", bytes(command.get(0) + ": not found\n"), false);
                end(context, FAILURE.formatted("127"));
            }
        }
    }

    @Override
    void received(ChannelHandlerContext context, int stream, String type, ByteBuf bytes, boolean last) {
        if (type.equals("stdin") && command.get(0).equals("cat")) {
            say(context, "stdout", bytes.retain(), false);
            if (last) {
                end(context, SUCCESS);
            }
        }
    }

    private void end(ChannelHandlerContext context, String status) {
        say(context, "error", bytes(status), true);
        say(context, "stderr", Unpooled.EMPTY_BUFFER, true);
        say(context, "stdout", Unpooled.EMPTY_BUFFER, true);
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
