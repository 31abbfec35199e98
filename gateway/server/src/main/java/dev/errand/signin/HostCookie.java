package dev.errand.signin;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * A cookie that no other host can set (RFC 6265bis section 4.1.3.2): {@code Secure}, for this host alone, and hidden from scripts. Its
 * value is 256 random bits. Browsers do not separate cookies by port: a server on another port of this host can set the cookie, and it
 * receives the cookie. So its value alone proves nothing. Immutable.
 *
 * @param name begins with {@code __Host-}
 * @param sameSite {@code Strict} or {@code Lax}
 */
public record HostCookie(String name, String sameSite) {
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_-]{43}");

    public HostCookie {
        if (!name.startsWith("__Host-") || !(sameSite.equals("Strict") || sameSite.equals("Lax"))) {
            throw new IllegalArgumentException("a cookie of this host alone is called __Host-…, and is Strict or Lax");
        }
    }

    /** A cookie that the browser does not send when it follows a link from another site. */
    public static HostCookie strict(String name) {
        return new HostCookie("__Host-" + name, "Strict");
    }

    /** A cookie that the browser also sends when another site leads back to the gateway. */
    public static HostCookie lax(String name) {
        return new HostCookie("__Host-" + name, "Lax");
    }

    /** The cookie to be set. */
    public ResponseCookie of(String value, Duration life) {
        return ResponseCookie.from(name, value)
                .secure(true)
                .httpOnly(true)
                .path("/")
                .sameSite(sameSite)
                .maxAge(life)
                .build();
    }

    /** A cookie that has the browser forget this one. */
    public ResponseCookie gone() {
        return of("", Duration.ZERO);
    }

    /**
     * The cookie's value in the request; null if it has none or several, or a value that the gateway cannot have set. Reads the fields
     * themselves: the server's parser also finds a name behind a comma, as in {@code ,__Host-a=b}. To a browser that is another name,
     * which it lets every subdomain set.
     */
    public @Nullable String read(ServerHttpRequest request) {
        List<String> sent = request.getHeaders().getOrEmpty(HttpHeaders.COOKIE).stream()
                .flatMap(field -> Stream.of(field.split(";")))
                .map(pair -> pair.startsWith(" ") ? pair.substring(1) : pair)
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .toList();
        String value = sent.size() == 1 ? sent.get(0) : "";
        return VALUE.matcher(value).matches() ? value : null;
    }
}
