package dev.errand.agent.listen;

import dev.errand.holder.AgentException;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** A Unix socket that only this user can open: its file has mode 0600 from the beginning. */
public final class UnixListener implements AutoCloseable {
    private final Path path;

    private UnixListener(Path path) {
        this.path = path;
    }

    /** Listens at a path that is free, or that a socket without a listener has. */
    public static UnixListener listen(Listener listener, Path path, ListenerSettings door) {
        Path absolute = path.toAbsolutePath();
        try {
            if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS) && !isLeftOver(absolute)) {
                throw new AgentException("--listen unix:" + path + ": it is there already");
            }
            Path parent = absolute.getParent();
            // Made in a folder that nobody else can open, and moved to its place after its mode is set.
            Path folder = Files.createTempDirectory(parent == null ? Path.of("/") : parent, ".errand-");
            Path made = folder.resolve("s");
            try {
                listener.bind(UnixDomainSocketAddress.of(made), NioServerDomainSocketChannel.class, bound -> door);
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
                Files.move(made, absolute, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(made);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new AgentException("--listen unix:" + path + ": " + e.getMessage());
        }
        return new UnixListener(absolute);
    }

    private static boolean isLeftOver(Path path) throws IOException {
        boolean socket = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther();
        if (!socket) {
            return false;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
            return false;
        } catch (IOException nobody) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException left) {
            // A socket without a listener is replaced by the next companion.
        }
    }
}
