package dev.errand.it;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A browser at the pages of approvals, as far as a test of their HTTP needs one. It keeps cookies, and follows what it is told to. */
final class PageVisitor {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([a-z_]+)\" value=\"([^\"]*)\">");

    final Map<String, String> cookies = new LinkedHashMap<>();
    private final URI gateway;

    PageVisitor(RunningGateway gateway) {
        this(gateway.address());
    }

    /** @param gateway its address */
    PageVisitor(URI gateway) {
        this.gateway = gateway;
    }

    HttpResponse<String> get(String path) {
        return send(request(path).GET());
    }

    HttpResponse<String> post(String path, Map<String, String> form) {
        StringBuilder body = new StringBuilder();
        form.forEach((name, value) -> body.append(body.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway + path))
                .header("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        if (!cookies.isEmpty()) {
            StringBuilder header = new StringBuilder();
            cookies.forEach((name, value) -> header.append(header.isEmpty() ? "" : "; ")
                    .append(name)
                    .append('=')
                    .append(value));
            request.header("Cookie", header.toString());
        }
        return request;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = HTTP.send(request.build(), BodyHandlers.ofString());
            for (String cookie : answer.headers().allValues("Set-Cookie")) {
                String pair = cookie.split(";", 2)[0];
                cookies.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
            return answer;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Goes to the provider, which sends back at once: path and query of the callback. */
    static String atProvider(HttpResponse<String> redirection) {
        return atProvider(URI.create(location(redirection)));
    }

    static String atProvider(URI provider) {
        try {
            HttpResponse<String> back =
                    HTTP.send(HttpRequest.newBuilder(provider).GET().build(), BodyHandlers.ofString());
            URI callback = URI.create(location(back));
            return callback.getRawPath() + "?" + callback.getRawQuery();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static String location(HttpResponse<String> answer) {
        return answer.headers()
                .firstValue("Location")
                .orElseThrow(() -> new AssertionError(answer.statusCode() + answer.body()));
    }

    /** Signs in, and opens the page. */
    HttpResponse<String> signedInAt(String path) {
        HttpResponse<String> back = get(atProvider(get(path)));
        if (back.statusCode() != 200) {
            throw new AssertionError(back.statusCode() + back.body());
        }
        return get(path);
    }

    /** The form of the page's decision, filled in. */
    static Map<String, String> form(HttpResponse<String> page, String decision) {
        Map<String, String> form = new LinkedHashMap<>();
        Matcher matcher = HIDDEN.matcher(page.body());
        while (matcher.find()) {
            form.put(matcher.group(1), matcher.group(2));
        }
        form.put("decision", decision);
        return form;
    }

    /** Decides by the page's form and a new sign-in: what the callback answers. */
    HttpResponse<String> decide(String path, String decision) {
        return get(atProvider(post(path, form(get(path), decision))));
    }
}
