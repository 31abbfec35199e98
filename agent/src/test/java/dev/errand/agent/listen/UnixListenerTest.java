package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.holder.AgentException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixListenerTest {
    @TempDir
    private Path directory;

    @Test
    void pathThatIsTooLong_leavesNothingBehind() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("d".repeat(120)));
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Listener listener = new Listener(loops, null, null, null);
            ListenerSettings door = new ListenerSettings(Mount.of("", ""), Guard.NONE, null);
            assertThatThrownBy(() -> UnixListener.listen(listener, folder.resolve("s"), door))
                    .isInstanceOf(AgentException.class);
            assertThat(folder).isEmptyDirectory();
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }
}
