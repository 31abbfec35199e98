package dev.errand.cli;

import dev.errand.holder.AgentException;
import dev.errand.json.JsonWriter;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code token kubeconfig}: the settings of a client of Kubernetes that calls by token and certificate. */
@Command(
        name = "kubeconfig",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Prints a kubeconfig with which kubectl and other clients of Kubernetes call by a task's token and"
                    + " certificate,",
            "without a companion. It has the token, and names the file of the certificate and its key. Needs no"
                    + " gateway."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:a file or URL that cannot be used; standard error says why", "2:wrong options"},
        footer = {
            "",
            "  errand token start -q --subject-token @human.jwt --svid @agent.svid --key agent.jwk --certificate"
                    + " task.pem \\",
            "      --template operate --param namespace=staging >task.jwt",
            "  errand token kubeconfig --token @task.jwt --certificate task.pem \\",
            "      --url https://gateway.example.org/k8s >kubeconfig",
            "  kubectl --kubeconfig kubeconfig get pods",
            "",
            "A client of Kubernetes sends no Delegation-Chain: the token of a child works where the gateway knows the"
                    + " chain."
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TokenKubeconfigCommand extends CliCommand {
    private static final String NAME = "errand";

    @Option(names = "--token", required = true, description = "The token: @file, @- or text.")
    private String token;

    @Option(
            names = "--certificate",
            required = true,
            description = "File that `token start --certificate` or `token derive --certificate` wrote.")
    private Path certificate;

    @Option(names = "--url", required = true, description = "The URL of the gateway's route to Kubernetes: https.")
    private String url;

    @Option(
            names = "--authority",
            description = "File of PEM: the authority of the gateway's certificate; without it those of the system.")
    private @Nullable Path authority;

    @Override
    public Integer call() {
        JsonWriter json = new JsonWriter().object().member("apiVersion", "v1").member("kind", "Config");
        json.member("current-context", NAME);
        named(json, "clusters", "cluster").member("server", server());
        if (authority != null) {
            json.member("certificate-authority", readable(authority));
        }
        json.end().end().endArray();
        named(json, "contexts", "context").member("cluster", NAME).member("user", NAME);
        json.end().end().endArray();
        String file = readable(certificate);
        named(json, "users", "user")
                .member("token", TokenInput.text(token))
                .member("client-certificate", file)
                .member("client-key", file);
        json.end().end().endArray();
        out().println(new String(json.end().toBytes(), StandardCharsets.UTF_8));
        return 0;
    }

    private static JsonWriter named(JsonWriter json, String list, String member) {
        return json.name(list)
                .array()
                .elementObject()
                .member("name", NAME)
                .name(member)
                .object();
    }

    private String server() {
        try {
            URI parsed = new URI(url);
            boolean bare =
                    parsed.getRawQuery() == null && parsed.getRawFragment() == null && parsed.getRawUserInfo() == null;
            if ("https".equalsIgnoreCase(parsed.getScheme()) && parsed.getHost() != null && bare) {
                return url;
            }
        } catch (URISyntaxException malformed) {
            // The message below says what is wanted.
        }
        throw new AgentException("--url must be the https URL of a route: only TLS carries a certificate");
    }

    /** The absolute path, since clients resolve a relative one by the folder of the kubeconfig. */
    private static String readable(Path file) {
        try (var in = Files.newInputStream(file)) {
            in.readNBytes(1);
            return file.toAbsolutePath().normalize().toString();
        } catch (IOException e) {
            throw new AgentException(file + ": cannot be read");
        }
    }
}
