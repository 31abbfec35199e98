package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A human's browser at Keycloak: it keeps cookies, follows redirects, and sends the forms that it is shown. */
final class KeycloakBrowser {
    private static final Pattern ACTION = Pattern.compile("<form[^>]*action=\"([^\"]+)\"");
    private static final Pattern CODE = Pattern.compile("name=\"code\" value=\"([^\"]+)\"");

    private final HttpClient http = HttpClient.newBuilder()
            .cookieHandler(new CookieManager(null, KeycloakBrowser::accept))
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    /** As a browser does, it sends the cookies that are for secure connections to this machine too. */
    private static boolean accept(URI from, HttpCookie cookie) {
        cookie.setSecure(false);
        return true;
    }

    /** Opens an address; the page behind its redirects. */
    HttpResponse<String> open(String url) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(url)).GET());
    }

    /** Opens the address of a login, and logs in; the last page. */
    String logIn(String url, String user, String password) throws Exception {
        HttpResponse<String> page = open(url);
        return submit(page, "username=" + encode(user) + "&password=" + encode(password))
                .body();
    }

    /** The same, where Keycloak asks for the code of an app, too. */
    String logIn(String url, String user, String password, String code) throws Exception {
        HttpResponse<String> page = open(url);
        HttpResponse<String> next = submit(page, "username=" + encode(user) + "&password=" + encode(password));
        return submit(next, "otp=" + encode(code)).body();
    }

    /** Opens the address of a device's code, logs in and agrees. */
    void grant(String url, String user, String password) throws Exception {
        HttpResponse<String> page = open(url);
        HttpResponse<String> consent = submit(page, "username=" + encode(user) + "&password=" + encode(password));
        Matcher code = CODE.matcher(consent.body());
        assertThat(code.find()).as(consent.body()).isTrue();
        HttpResponse<String> done = submit(consent, "code=" + encode(code.group(1)) + "&accept=Yes");
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    }

    private HttpResponse<String> submit(HttpResponse<String> page, String form) throws Exception {
        Matcher action = ACTION.matcher(page.body());
        assertThat(action.find()).as(page.body()).isTrue();
        URI target = page.uri().resolve(action.group(1).replace("&amp;", "&"));
        return send(HttpRequest.newBuilder(target)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
