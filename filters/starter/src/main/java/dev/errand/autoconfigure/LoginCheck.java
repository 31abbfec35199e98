package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.trust.HttpFetch;
import java.net.URI;
import java.nio.file.Files;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks {@code errand.console.login} and {@code errand.approvals.url}, and the files that they name. Reads files; for
 * one thread.
 *
 * @param places runs a check and adds its faults at a key
 */
record LoginCheck(ErrandProperties properties, BiConsumer<String, Runnable> places) {
    private static final String KEY = "errand.console.login";
    private static final String PAGES = "errand.approvals.url";

    /** Checks all keys. */
    public void entries() {
        ConsoleProperties.Login login = properties.console().login();
        String pages = properties.approvals().url();
        if (pages != null) {
            places.accept(PAGES, () -> pages(pages));
        }
        if (login == null) {
            return;
        }
        places.accept(KEY + ".issuer", () -> issuer(login.issuer()));
        places.accept(KEY + ".client-id", () -> clientId(login.clientId()));
        String secret = login.secretFile();
        if (secret != null) {
            places.accept(KEY + ".secret-file", () -> secret(secret));
        }
        places.accept(KEY + ".scope", () -> scope(login.scope()));
        places.accept(KEY + ".resource", () -> LoginResource.check(login.resource()));
        places.accept(KEY, () -> SessionKey.check(properties));
        if (pages == null) {
            // Over http a browser keeps the cookies of the pages on this machine only.
            places.accept(KEY, () -> cookies("errand.issuer", properties.issuer()));
        }
    }

    private static void missing(@Nullable String value, String key) {
        if (value == null || value.isBlank()) {
            throw ConfigurationException.of("missing '" + key + "': a login has at least issuer and client-id");
        }
    }

    private void issuer(@Nullable String issuer) {
        missing(issuer, "issuer");
        WebAddress.parse(KEY + ".issuer", String.valueOf(issuer), "https://…");
        boolean trusted = properties.trust().humans().stream()
                .anyMatch(human -> human.issuer().equals(issuer));
        if (!trusted) {
            throw ConfigurationException.of("'" + issuer + "' is no issuer under errand.trust.humans, so nobody who"
                    + " signs in there may decide: write one of these issuers exactly as it is there");
        }
    }

    private void clientId(@Nullable String clientId) {
        missing(clientId, "client-id");
        for (ErrandProperties.HumanIssuer human : properties.trust().humans()) {
            if (human.clients() != null && human.clients().contains(clientId)) {
                throw ConfigurationException.of("'" + clientId + "' is a client whose tokens start tasks"
                        + " (errand.trust.humans[].clients): register a client of its own for approvals");
            }
        }
    }

    private void secret(String file) {
        if (!file.startsWith("file:")) {
            throw ConfigurationException.of("must be 'file:' and a path: no secret stands in the configuration");
        }
        if (!Files.isReadable(properties.file(file))) {
            throw ConfigurationException.of(properties.file(file)
                    + " does not exist or cannot be read: put the client's secret there, mode 0600, or leave the key out"
                    + " for a public client");
        }
    }

    private static void scope(String scope) {
        if (scope.isBlank() || scope.chars().anyMatch(c -> c < 0x20 || c > 0x7e || c == '"' || c == '\\')) {
            throw ConfigurationException.of("must be words such as 'openid', with a space between two");
        }
    }

    private void pages(String pages) {
        cookies(PAGES, pages);
        URI url = URI.create(pages);
        if (!url.getRawPath().isEmpty() || url.getRawQuery() != null) {
            throw ConfigurationException.of("'" + pages + "' must be https://host[:port], without a path");
        }
        if (url.getRawAuthority()
                .equalsIgnoreCase(URI.create(properties.issuer()).getRawAuthority())) {
            throw ConfigurationException.of("'" + pages
                    + "' is the host of errand.issuer: give the pages a host of their own, or leave the key out");
        }
    }

    private static void cookies(String key, String address) {
        URI url = WebAddress.parse(key, address, "https://…");
        if (!HttpFetch.isAcceptable(url)) {
            throw ConfigurationException.of("'" + key + "' must be https, or http on this machine: a browser keeps the"
                    + " cookies of a sign-in from no other address");
        }
    }
}
