package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcNetTcpTest {
    private static final String HEAD =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    private static final String REST = " 01 00000000:00000000 00:00000000 00000000 ";
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final String LOCAL = LITTLE ? "0100007F" : "7F000001";
    private static final String LOCAL6 = "000000000000000000000000" + (LITTLE ? "01000000" : "00000001");
    private static final String MAPPED = "0000000000000000" + (LITTLE ? "FFFF0000" : "0000FFFF") + LOCAL;

    @TempDir
    private Path folder;

    private static Connection connection(String host, int peer, int own) throws Exception {
        InetAddress address = InetAddress.getByName(host);
        return new Connection(new InetSocketAddress(address, peer), new InetSocketAddress(address, own));
    }

    private static String row(String address, String ports, String user, String inode) {
        String[] both = ports.split(" ");
        return "   7: " + address + ':' + both[0] + ' ' + address + ':' + both[1] + REST + user + "        0 " + inode
                + " 1 0000000000000000 20 4 30 10 -1\n";
    }

    @Test
    void rows_ofBothTables_tellTheUser() throws Exception {
        Files.writeString(
                folder.resolve("tcp"),
                HEAD + row(LOCAL, "1F90 D431", "7", "5") + row(LOCAL, "D431 1F90", "65534", "88"));
        Files.writeString(
                folder.resolve("tcp6"),
                HEAD + row(LOCAL6, "D431 1F90", "4294967295", "9") + row(MAPPED, "0001 1F90", " 33", "10"));
        Connection v4 = connection("127.0.0.1", 0xD431, 0x1F90);
        Connection v6 = connection("::1", 0xD431, 0x1F90);
        Connection mapped = connection("127.0.0.1", 1, 0x1F90);
        Connection other = connection("127.0.0.1", 2, 0x1F90);
        assertThat(new ProcNetTcp(folder).of(List.of(v4, v6, mapped, other)))
                .isEqualTo(Map.of(v4, 65534, v6, -1, mapped, 33));
    }

    /** The kernel tells user 0 for a socket that its process has closed. */
    @Test
    void socket_withoutAProcess_hasNoUser() throws Exception {
        Files.writeString(folder.resolve("tcp"), HEAD + row(LOCAL, "D431 1F90", "0", "0"));
        assertThat(new ProcNetTcp(folder).of(List.of(connection("127.0.0.1", 0xD431, 0x1F90))))
                .isEmpty();
    }

    @Test
    void tables_thatCannotBeRead_orSayOtherThings_haveNoUsers() throws Exception {
        Connection asked = connection("127.0.0.1", 0xD431, 0x1F90);
        assertThat(new ProcNetTcp(folder.resolve("none")).of(List.of(asked))).isEmpty();
        Files.writeString(
                folder.resolve("tcp"),
                "\n: \n   7: " + LOCAL + ":D431 " + LOCAL + ":1F90 01\n" + row(LOCAL, "D431 1F90", "x", "9"));
        assertThat(new ProcNetTcp(folder).of(List.of(asked))).isEmpty();
    }
}
