package dev.errand.signin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

/** Only the cookie with the very name is read: a browser protects no other name from subdomains. */
class HostCookieTest {
    private static final String VALUE = Pkce.random();
    private static final HostCookie COOKIE = HostCookie.lax("errand-test");

    private static String read(String... fields) {
        return COOKIE.read(
                MockServerHttpRequest.get("/").header("Cookie", fields).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "a=b; %s", "%s; a=b", "a=b;%s", "a=; %s; c"})
    void cookie_isRead_besideOthers(String field) {
        assertThat(read(field.formatted("__Host-errand-test=" + VALUE))).isEqualTo(VALUE);
    }

    @Test
    void cookie_isRead_inAFieldOfItsOwn() {
        assertThat(read("a=b", "__Host-errand-test=" + VALUE)).isEqualTo(VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",__Host-errand-test=%1$s",
                "a=b,__Host-errand-test=%1$s",
                "a=b; ,__Host-errand-test=%1$s",
                "  __Host-errand-test=%1$s",
                "\t__Host-errand-test=%1$s",
                "\u2000__Host-errand-test=%1$s",
                "=__Host-errand-test=%1$s",
                "$Version=1, __Host-errand-test=%1$s",
                "__host-errand-test=%1$s",
                "__Host-errand-test =%1$s",
                "__Host-errand-test=\"%1$s\"",
                "__Host-errand-test=%1$s ",
                "__Host-errand-test=%1$sA",
                "__Host-errand-test=%1$s; __Host-errand-test=%1$s",
                "__Host-errand-test=%1$s;__Host-errand-test=",
                "__Host-errand-test",
                "__Host-errand-test="
            })
    void otherName_orTwoOfTheName_isNone(String field) {
        assertThat(read(field.formatted(VALUE))).isNull();
    }
}
