package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostSyntaxTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "A.b-c_d~e",
                "127.0.0.1:80",
                "a:",
                "a:00080",
                "a:65535",
                "a%2d",
                "a!$&'()*+;=b",
                "[::]",
                "[::1]:",
                "[2001:db8::1]:443",
                "[::ffff:1.2.3.4]"
            })
    void isHost_wellFormed(String value) {
        assertThat(HostSyntax.isHost(value)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":80",
                "a:65536",
                "a:000080",
                "a:8o",
                "a:80:80",
                "a b",
                "a,b",
                "a/",
                "a?",
                "a#",
                "a@b",
                "a\\",
                "a\"",
                "a<",
                "a|",
                "a^",
                "a`",
                "a{",
                "a%",
                "a%2",
                "a%2g",
                "[",
                "[]",
                "[::1",
                "::1",
                "[::1]80",
                "[::1%eth0]",
                "[1.2.3.4]",
                "[a]",
                "[v1.a]",
                "\u00e4",
                "\u0131",
                "a%\u0661\u0661",
                "a:\u0661",
                "a\t"
            })
    void isHost_malformed(String value) {
        assertThat(HostSyntax.isHost(value)).isFalse();
    }
}
