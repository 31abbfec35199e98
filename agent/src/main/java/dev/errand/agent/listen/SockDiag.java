package dev.errand.agent.listen;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel for one socket at a time (sock_diag(7)), which takes the same time however many sockets there are. It
 * needs the JVM's interface to native functions, which Java has since version 22; this build is for Java 17, so the
 * interface is found by name.
 */
final class SockDiag implements SocketOwners {
    private static final int FIRST_JAVA = 22;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int NETLINK_SOCK_DIAG = 4;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int IPPROTO_TCP = 6;
    private static final short NLM_F_REQUEST = 1;
    private static final short SOCK_DIAG_BY_FAMILY = 20;
    private static final int ALL_STATES = -1;
    private static final long NO_COOKIE = -1;

    /** The places of fields in the request: a {@code nlmsghdr} and an {@code inet_diag_req_v2}. */
    private static final int REQUEST = 72;

    private static final int REQUEST_SOURCE = 28;
    private static final int REQUEST_DESTINATION = 44;
    private static final int REQUEST_COOKIE = 64;

    /** The places of fields in the answer: a {@code nlmsghdr} and an {@code inet_diag_msg}. */
    private static final int ANSWER = 88;

    private static final int ANSWER_TYPE = 4;
    private static final int ANSWER_SEQUENCE = 8;
    private static final int ANSWER_PORTS = 20;
    private static final int ANSWER_USER = 80;
    private static final int ANSWER_INODE = 84;

    private static final int MOST_STALE = 16;
    private static final int ROOM = 512;

    /** {@code (length, flags) -> length}, for the one socket and the one buffer. */
    private final MethodHandle send;

    private final MethodHandle receive;
    private final ByteBuffer buffer;
    private int sequence;

    private SockDiag(MethodHandle send, MethodHandle receive, ByteBuffer buffer) {
        this.send = send;
        this.receive = receive;
        this.buffer = buffer;
    }

    /** Opens a socket to the kernel; null if this Java or this kernel has no such thing. It stays open to the process's end. */
    static @Nullable SockDiag open() {
        if (Runtime.version().feature() < FIRST_JAVA) {
            return null;
        }
        try {
            Native system = new Native();
            MethodHandle socket = system.function("socket", int.class, int.class, int.class, int.class);
            int opened = (int) socket.invoke(AF_NETLINK, SOCK_DGRAM_CLOEXEC, NETLINK_SOCK_DIAG);
            if (opened < 0) {
                return null;
            }
            ByteBuffer buffer = ByteBuffer.allocateDirect(ROOM).order(ByteOrder.nativeOrder());
            Object segment = system.segment(buffer);
            return new SockDiag(
                    MethodHandles.insertArguments(system.transfer("send"), 0, opened, segment),
                    MethodHandles.insertArguments(system.transfer("recv"), 0, opened, segment),
                    buffer);
        } catch (Throwable unusable) {
            // Whatever the JVM forbids or lacks: the tables of /proc say the same.
            return null;
        }
    }

    @Override
    public Map<Connection, Integer> of(Collection<Connection> connections) {
        Map<Connection, Integer> users = new HashMap<>();
        for (Connection connection : connections) {
            Integer user = user(connection);
            if (user != null) {
                users.put(connection, user);
            }
        }
        return users;
    }

    private @Nullable Integer user(Connection connection) {
        InetAddress peer = connection.peerAddress();
        InetAddress own = connection.ownAddress();
        int peerPort = connection.peer().getPort();
        int ownPort = connection.own().getPort();
        int family = peer.getAddress().length == Integer.BYTES ? AF_INET : AF_INET6;
        sequence++;
        buffer.clear().put(new byte[REQUEST]).clear();
        buffer.putInt(REQUEST).putShort(SOCK_DIAG_BY_FAMILY).putShort(NLM_F_REQUEST);
        buffer.putInt(sequence).putInt(0);
        buffer.put((byte) family).put((byte) IPPROTO_TCP).putShort((short) 0).putInt(ALL_STATES);
        port(peerPort);
        port(ownPort);
        buffer.position(REQUEST_SOURCE).put(peer.getAddress());
        buffer.position(REQUEST_DESTINATION).put(own.getAddress());
        buffer.putLong(REQUEST_COOKIE, NO_COOKIE);
        try {
            return (long) send.invoke((long) REQUEST, MSG_DONTWAIT) == REQUEST ? answered(peerPort, ownPort) : null;
        } catch (Throwable broken) {
            return null;
        }
    }

    /** Ports are in network order. */
    private void port(int port) {
        buffer.put((byte) (port >> 8)).put((byte) port);
    }

    /** The kernel answers before a request's send returns. An answer to an earlier request is skipped. */
    private @Nullable Integer answered(int peerPort, int ownPort) throws Throwable {
        for (int i = 0; i < MOST_STALE; i++) {
            long length = (long) receive.invoke((long) ROOM, MSG_DONTWAIT);
            if (length < 0) {
                return null;
            }
            if (length >= ANSWER && buffer.getInt(ANSWER_SEQUENCE) == sequence) {
                // Without such a connection the kernel names a listener at the peer's port, if there is one.
                boolean same = buffer.getShort(ANSWER_TYPE) == SOCK_DIAG_BY_FAMILY
                        && portAt(ANSWER_PORTS) == peerPort
                        && portAt(ANSWER_PORTS + Short.BYTES) == ownPort;
                return same && buffer.getInt(ANSWER_INODE) != 0 ? buffer.getInt(ANSWER_USER) : null;
            }
        }
        return null;
    }

    private int portAt(int place) {
        return (buffer.get(place) & 0xff) << 8 | buffer.get(place + 1) & 0xff;
    }

    /** The few native functions that are needed, by {@code java.lang.foreign}. */
    private static final class Native {
        private final Class<?> linkerType = type("Linker");
        private final Object linker = invoked(linkerType.getMethod("nativeLinker"), null);
        private final Class<?> segmentType = type("MemorySegment");

        Native() throws ReflectiveOperationException {}

        private static Class<?> type(String name) throws ClassNotFoundException {
            return Class.forName("java.lang.foreign." + name);
        }

        private static Object invoked(Method method, @Nullable Object on, Object... arguments)
                throws ReflectiveOperationException {
            return method.invoke(on, arguments);
        }

        Object segment(ByteBuffer bytes) throws ReflectiveOperationException {
            return invoked(segmentType.getMethod("ofBuffer", java.nio.Buffer.class), null, bytes);
        }

        /** {@code send} or {@code recv}. */
        MethodHandle transfer(String name) throws ReflectiveOperationException {
            return function(name, long.class, int.class, segmentType, long.class, int.class)
                    .asType(MethodType.methodType(long.class, int.class, Object.class, long.class, int.class));
        }

        MethodHandle function(String name, Class<?> result, Class<?>... arguments) throws ReflectiveOperationException {
            Class<?> layoutType = type("MemoryLayout");
            Class<?> descriptorType = type("FunctionDescriptor");
            Class<?> lookupType = type("SymbolLookup");
            Object layouts = Array.newInstance(layoutType, arguments.length);
            for (int i = 0; i < arguments.length; i++) {
                Array.set(layouts, i, layout(arguments[i]));
            }
            Object descriptor = invoked(
                    descriptorType.getMethod("of", layoutType, layouts.getClass()), null, layout(result), layouts);
            Object lookup = invoked(linkerType.getMethod("defaultLookup"), linker);
            Object symbol = ((Optional<?>) invoked(lookupType.getMethod("find", String.class), lookup, name))
                    .orElseThrow(NoSuchMethodException::new);
            Object options = Array.newInstance(type("Linker$Option"), 0);
            return (MethodHandle) invoked(
                    linkerType.getMethod("downcallHandle", segmentType, descriptorType, options.getClass()),
                    linker,
                    symbol,
                    descriptor,
                    options);
        }

        private Object layout(Class<?> type) throws ReflectiveOperationException {
            String name = type == int.class ? "JAVA_INT" : type == long.class ? "JAVA_LONG" : "ADDRESS";
            return type("ValueLayout").getField(name).get(null);
        }
    }
}
