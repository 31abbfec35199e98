package dev.errand.operator;

import java.util.List;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Recognizes a browser that opens the console before anybody signed in. The page and its parts hold nothing of the gateway's
 * state, so a browser may load them. It is recognized only by headers that scripts cannot set (Fetch Metadata). Every other
 * client needs a credential for the same paths. Pure.
 */
final class ConsoleVisit {
    /** The page, which asks for the credential itself. */
    public static final String PAGE = "/";

    /** The path of the same page for browsers that sign in by their own password dialog. */
    public static final String PAGE_BY_PASSWORD = "/console";

    /** The path of the list of providers at which operators sign in. */
    public static final String SIGN_INS = "/console/sign-ins";

    /** The path that begins a sign-in, followed by the name of the operator's entry. */
    public static final String SIGN_IN = "/console/sign-in/";

    /** The path to which the provider sends the browser back, followed by the same name. */
    public static final String CALLBACK = "/console/callback/";

    /** The path of the requester's own session. */
    public static final String SESSION = "/console/session";

    private static final Pattern PART = Pattern.compile("/console/[a-z-]{1,32}\\.(js|css|svg)");

    private ConsoleVisit() {}

    /** Whether a browser opens the page, from any page or program (such as a link in a chat), or comes back from a provider. */
    static boolean opensPage(ServerHttpRequest request) {
        String path = request.getPath().value();
        return isGet(request)
                && (path.equals(PAGE) || path.equals(PAGE_BY_PASSWORD) || path.startsWith(CALLBACK))
                && says(request, "Sec-Fetch-Mode", "navigate")
                && says(request, "Sec-Fetch-Dest", "document")
                && request.getHeaders().getOrEmpty(HttpHeaders.ORIGIN).isEmpty();
    }

    /** Whether the console's own page loads a script, a style or its icon, or leads to a sign-in. */
    static boolean loadsPart(ServerHttpRequest request) {
        String path = request.getPath().value();
        if (path.equals(SIGN_INS)) {
            return isGet(request) && says(request, "Sec-Fetch-Site", "same-origin") && isOfScript(request);
        }
        if (path.startsWith(SIGN_IN)) {
            return isGet(request)
                    && says(request, "Sec-Fetch-Mode", "navigate")
                    && says(request, "Sec-Fetch-Dest", "document");
        }
        return isGet(request)
                && PART.matcher(path).matches()
                && says(request, "Sec-Fetch-Site", "same-origin")
                && (says(request, "Sec-Fetch-Dest", "script")
                        || says(request, "Sec-Fetch-Dest", "style")
                        || says(request, "Sec-Fetch-Dest", "image"));
    }

    /** Whether a script asks. A script must get no Basic challenge, since the browser would then open its password dialog. */
    static boolean isOfScript(ServerHttpRequest request) {
        return says(request, "Sec-Fetch-Dest", "empty");
    }

    private static boolean isGet(ServerHttpRequest request) {
        return request.getMethod() == HttpMethod.GET || request.getMethod() == HttpMethod.HEAD;
    }

    private static boolean says(ServerHttpRequest request, String name, String value) {
        return request.getHeaders().getOrEmpty(name).equals(List.of(value));
    }
}
