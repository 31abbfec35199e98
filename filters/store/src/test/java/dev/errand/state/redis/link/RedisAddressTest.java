package dev.errand.state.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {
    private static final StoreAccess PASSWORD = new StoreAccess("errand", Path.of("password"), null);
    private static final StoreAccess AUTHORITIES = new StoreAccess(null, null, Path.of("ca.pem"));

    @Test
    void parse_eachForm_isOfItsKind() {
        assertThat(kind("redis://a:6379")).isEqualTo(RedisAddress.Kind.SERVER);
        assertThat(kind("rediss://user:secret@a")).isEqualTo(RedisAddress.Kind.SERVER);
        assertThat(kind("redis://a:1", "redis://b:2")).isEqualTo(RedisAddress.Kind.CLUSTER);
        assertThat(kind("redis-sentinel://a:1,b:2,c:3#orders")).isEqualTo(RedisAddress.Kind.SENTINEL);
    }

    private static RedisAddress.Kind kind(String... addresses) {
        return RedisAddress.parse(List.of(addresses)).kind();
    }

    @Test
    void parse_sentinels_areAllKept_withTheirMaster() {
        var uri = RedisAddress.parse(List.of("rediss-sentinel://a:1,b:2,c#orders"))
                .nodes()
                .get(0);
        assertThat(uri.getSentinelMasterId()).isEqualTo("orders");
        assertThat(uri.getSentinels().stream().map(each -> each.getHost() + ":" + each.getPort()))
                .containsExactly("a:1", "b:2", "c:26379");
        assertThat(uri.getSentinels()).allMatch(each -> each.isSsl() && each.isVerifyPeer());
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis-sentinel://a:1,b:2", "redis-sentinel://a:1#"})
    void parse_sentinelsWithoutAMaster_areRefused(String address) {
        assertThatThrownBy(() -> RedisAddress.parse(List.of(address)))
                .hasMessage(
                        "state.redis names sentinels and no master: write its name, as 'sentinel monitor' has it, behind"
                                + " a '#'");
    }

    @Test
    void parse_sentinelsInAList_areRefused() {
        assertThatThrownBy(() -> RedisAddress.parse(List.of("redis-sentinel://a#m", "redis-sentinel://b#m")))
                .hasMessageContaining("names all sentinels in one address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a", "a:6379", "redis://", "redis-sentinel://#m", "redis-socket:///run/redis"})
    void parse_anotherForm_isRefused(String address) {
        assertThatThrownBy(() -> RedisAddress.parse(List.of(address)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("state.redis ");
    }

    @Test
    void parse_passwordTwice_isRefused_withoutShowingIt() {
        assertThatThrownBy(() -> RedisAddress.parse(List.of("redis://:hunter2@a"), PASSWORD))
                .hasMessageContaining("keep the two keys")
                .satisfies(failure -> assertThat(failure.toString()).doesNotContain("hunter2"));
    }

    @Test
    void parse_authoritiesWithoutTls_areRefused() {
        assertThatThrownBy(() -> RedisAddress.parse(List.of("redis://a"), AUTHORITIES))
                .hasMessageContaining("write rediss://");
        assertThat(RedisAddress.parse(List.of("rediss://a"), AUTHORITIES).access())
                .isEqualTo(AUTHORITIES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rediss://a?verifyPeer=NONE",
                "rediss://a?verifyPeer=CA",
                "rediss-sentinel://a,b?verifyPeer=NONE#orders"
            })
    void parse_weakerCheckOfTheCertificate_isRefused(String address) {
        assertThatThrownBy(() -> RedisAddress.parse(List.of(address)))
                .hasMessageContaining("verifyPeer")
                .hasMessageContaining("state.authorities");
    }

    @Test
    void parse_fullCheckOfTheCertificate_mayBeWritten() {
        assertThat(kind("rediss://a?verifyPeer=FULL")).isEqualTo(RedisAddress.Kind.SERVER);
    }
}
