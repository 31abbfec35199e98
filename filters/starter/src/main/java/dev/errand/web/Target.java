package dev.errand.web;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;

/** Reads the URL that will be sent. */
public final class Target {
    private static final Pattern EMPTY_SEGMENTS = Pattern.compile("//+");

    private Target() {}

    /**
     * The raw path that will be sent, {@code /} if it is empty. Building a URL for the route changes the spelling of the
     * path if the query has an illegal character ({@code [}), and drops empty segments. In both cases the request's own
     * spelling is taken.
     *
     * @param request the request's URI as the filters before left it
     * @param url the URL built for the route
     */
    public static String path(URI request, URI url) {
        String sent = request.getRawPath();
        boolean emptied = sent != null && sent.contains("//") && dense(sent).equals(url.getRawPath());
        String path = emptied ? sent : spelling(sent, url.getRawPath(), url.getPath());
        return path == null || path.isEmpty() ? "/" : path;
    }

    /**
     * As {@link #path}, for the query; null where there is none. Building a URL also drops empty pairs and keys, and brings equal keys
     * together.
     */
    public static @Nullable String query(URI request, URI url) {
        String sent = request.getRawQuery();
        String built = url.getRawQuery();
        if (sent == null || sent.equals(built)) {
            return built;
        }
        String rebuilt = UriComponentsBuilder.newInstance().query(sent).build().getQuery();
        return Objects.equals(rebuilt, built) || Objects.equals(rebuilt, url.getQuery()) ? sent : built;
    }

    /**
     * The upstream's URL with exactly this path and query; null if that is no URL. The result is the given URL itself
     * where it has them.
     */
    public static @Nullable URI of(URI upstream, String path, @Nullable String query) {
        String authority = authority(upstream);
        if (path.equals(upstream.getRawPath())
                && Objects.equals(query, upstream.getRawQuery())
                && authority.equals(upstream.getRawAuthority())
                && upstream.getRawFragment() == null) {
            return upstream;
        }
        try {
            return new URI(upstream.getScheme() + "://" + authority + path + (query == null ? "" : "?" + query));
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static String dense(String path) {
        return EMPTY_SEGMENTS.matcher(path).replaceAll("/");
    }

    private static @Nullable String spelling(
            @Nullable String sent, @Nullable String built, @Nullable String builtDecoded) {
        boolean spelledAnew = sent != null && built != null && !built.equals(sent) && sent.equals(builtDecoded);
        return spelledAnew ? sent : built;
    }

    /** The authority as the upstream is addressed: lower case, without the scheme's default port. */
    public static String authority(URI url) {
        String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
        int port = url.getPort();
        boolean usual = port < 0
                || (port == 80 && "http".equalsIgnoreCase(url.getScheme()))
                || (port == 443 && "https".equalsIgnoreCase(url.getScheme()));
        return usual ? host : host + ":" + port;
    }
}
