package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks {@code errand.operator} and {@code errand.operators}, and the files that they name. Reads files; for one
 * thread.
 *
 * @param places runs a check and adds its faults at a key
 */
record OperatorsCheck(ErrandProperties properties, BiConsumer<String, Runnable> places) {
    /** The name of the operator without an entry. */
    private static final String OPERATOR = "operator";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.@-]{1,64}");

    public void entries() {
        List<OperatorProperties.Named> operators = properties.operators();
        for (int i = 0; i < operators.size(); i++) {
            OperatorProperties.Named operator = operators.get(i);
            String path = "errand.operators[" + i + "]";
            places.accept(path + ".name", () -> name(operator.name()));
            // Values from the environment may lack the role.
            if (operator.role() == null) {
                places.accept(path + ".name", () -> {
                    throw ConfigurationException.of("missing 'role': view or operate");
                });
            }
            String tokenFile = operator.tokenFile();
            if (tokenFile == null) {
                provider(path, operator);
            } else {
                places.accept(path + ".token-file", () -> tokenFile(operator, tokenFile));
            }
        }
        String advertise = properties.operator().advertise();
        if (advertise != null) {
            places.accept("errand.operator.advertise", () -> address(advertise));
        }
        String console = properties.operator().console();
        if (console != null) {
            places.accept("errand.operator.console", () -> address(console));
        }
    }

    private static void name(String name) {
        if (name.equals(OPERATOR)) {
            throw ConfigurationException.of(
                    "'operator' is the name of the operator with errand.operator.token: choose another name");
        }
        if (!NAME.matcher(name).matches()) {
            throw ConfigurationException.of("a name is 1 to 64 letters, digits, '.', '-', '_' and '@'");
        }
    }

    private void tokenFile(OperatorProperties.Named operator, String file) {
        if (operator.issuer() != null
                || operator.jwks() != null
                || operator.audience() != null
                || operator.claim() != null
                || !operator.any().isEmpty()
                || operator.login() != null) {
            throw ConfigurationException.of(
                    "an operator has either token-file, or issuer, jwks, audience, claim and any: write two entries");
        }
        if (!file.startsWith("file:")) {
            throw ConfigurationException.of("must be 'file:' and a path: no secret stands in the configuration");
        }
        if (!Files.isReadable(properties.file(file))) {
            throw ConfigurationException.of(properties.file(file)
                    + " does not exist or cannot be read: put at least 32 random characters there, mode 0600");
        }
    }

    private void provider(String path, OperatorProperties.Named operator) {
        places.accept(path, () -> {
            needs(operator.issuer(), "issuer");
            needs(operator.jwks(), "jwks");
            needs(operator.audience(), "audience");
            needs(operator.claim(), "claim");
            if (operator.any().isEmpty() || operator.any().stream().anyMatch(String::isBlank)) {
                throw ConfigurationException.of("missing 'any': name the values of the claim that make an operator");
            }
        });
        String jwks = operator.jwks();
        if (jwks != null) {
            places.accept(
                    path + ".jwks",
                    () -> KeyDocuments.jwks(properties, "errand.operators", jwks)
                            .close());
        }
        places.accept(path + ".audience", () -> audience(operator.audience()));
        OperatorProperties.Login login = operator.login();
        if (login != null) {
            places.accept(path + ".login", () -> login(login));
            places.accept(path + ".login", () -> SessionKey.check(properties));
            places.accept(path + ".login.resource", () -> LoginResource.check(login.resource()));
            String issuer = operator.issuer();
            if (issuer != null && !issuer.isBlank()) {
                // The issuer's document is fetched: it tells where people sign in.
                places.accept(path + ".issuer", () -> WebAddress.parse(path + ".issuer", issuer, "https://…"));
            }
        }
    }

    private void login(OperatorProperties.Login login) {
        if (login.clientId() == null || login.clientId().isBlank()) {
            throw ConfigurationException.of(
                    "missing 'client-id': the client at which operators sign in to the console");
        }
        String secret = login.secretFile();
        if (secret != null && !secret.startsWith("file:")) {
            throw ConfigurationException.of(
                    "'secret-file' must be 'file:' and a path: no secret stands in the configuration");
        }
        if (secret != null && !Files.isReadable(properties.file(secret))) {
            throw ConfigurationException.of(properties.file(secret)
                    + " does not exist or cannot be read: put the client's secret there, mode 0600");
        }
        if (login.scope().isBlank()) {
            throw ConfigurationException.of("'scope' is empty: leave it out for 'openid'");
        }
    }

    private static void needs(@Nullable String value, String key) {
        if (value == null || value.isBlank()) {
            throw ConfigurationException.of("missing '" + key
                    + "': an operator has either token-file, or issuer, jwks, audience, claim and any");
        }
    }

    /** Refuses an audience of tokens that start tasks or approve calls: agents and their platforms hold such tokens. */
    private void audience(@Nullable String audience) {
        if (properties.approvalsAudience().equals(audience)) {
            throw ConfigurationException.of("'" + audience
                    + "' is the audience of approvals: register an audience of its" + " own for operators");
        }
        for (ErrandProperties.HumanIssuer human : properties.trust().humans()) {
            if (human.audience().equals(audience)) {
                throw ConfigurationException.of("'" + audience + "' is an audience of errand.trust.humans, whose tokens"
                        + " start tasks: register an audience of its own for operators");
            }
        }
    }

    private static void address(String address) {
        URI url;
        try {
            url = URI.create(address);
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of("'" + address + "' is no URL");
        }
        String host = url.getHost();
        boolean loopback =
                host != null && (host.equals("localhost") || host.equals("[::1]") || host.startsWith("127."));
        boolean good = "https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && loopback);
        if (host == null
                || !good
                || url.getUserInfo() != null
                || url.getQuery() != null
                || url.getFragment() != null
                || !(url.getPath().isEmpty() || url.getPath().equals("/"))) {
            throw ConfigurationException.of(
                    "'" + address + "' must be https://host[:port], without a path; http on loopback alone");
        }
    }
}
