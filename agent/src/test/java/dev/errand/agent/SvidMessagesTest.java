package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.holder.AgentException;
import java.net.UnixDomainSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes as protoc and gRPC write them. */
class SvidMessagesTest {
    @Test
    void request_isFramed() {
        assertThat(SvidMessages.request("https://g")).asHexString().isEqualTo("000000000B0A0968747470733A2F2F67");
    }

    @Test
    void response_givesItsFirstSvid() {
        // svids { spiffe_id: "s" svid: "a.b.c" hint: "h" }  svids { svid: "d" }
        byte[] frame = HexFormat.of()
                .parseHex("0000000014" + "0a0d" + "0a0173" + "1205612e622e63" + "220168" + "0a03" + "120164");
        assertThat(SvidMessages.svid(frame)).isEqualTo("a.b.c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00000000",
                "0000000000",
                "01000000050a03120164",
                "00000000050a7f120164",
                "00000000040affffff"
            })
    void malformedResponses_giveNone(String hex) {
        assertThat(SvidMessages.svid(HexFormat.of().parseHex(hex))).isNull();
    }

    @Test
    void socket_isAPathOrAnAddress() {
        assertThat(WorkloadApi.address("unix:///run/a.sock")).isEqualTo(UnixDomainSocketAddress.of("/run/a.sock"));
        assertThat(WorkloadApi.address("unix:/run/a.sock")).isEqualTo(UnixDomainSocketAddress.of("/run/a.sock"));
        assertThat(WorkloadApi.address("tcp://127.0.0.1:8081")).hasToString("/127.0.0.1:8081");
        assertThatThrownBy(() -> WorkloadApi.address("/run/a.sock")).isInstanceOf(AgentException.class);
    }
}
