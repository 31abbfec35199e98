package dev.errand.cli.login;

import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.CompactJws;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code errand login}: gets a human's JWT from a real identity provider. */
@Command(
        name = "login",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Logs a human in at an identity provider and prints the JWT that starts tasks: the access token, or where that",
            "is no JWT the ID token. By authorization code with PKCE and a redirect to 127.0.0.1, or with --device by a code",
            "that is entered on any device. The client is a public one; its redirect is http://127.0.0.1/callback."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:refused, or the provider cannot be reached; standard error says why",
            "2:wrong options"
        },
        footer = {
            "",
            "  errand login --issuer https://idp.example.org --client-id errand-cli --out human.jwt",
            "  errand token start -q --subject-token @human.jwt --svid @agent.svid --template triage --key agent.jwk"
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class LoginCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--issuer",
            required = true,
            paramLabel = "URL",
            description = "The provider's issuer identifier, an https URL.")
    private String issuer;

    @Mixin
    private LoginOptions asked;

    @Option(names = "--device", description = "By a code that is entered on any device (RFC 8628).")
    private boolean device;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            description = "The port of the redirect; any free port if left out.")
    private int port;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the token there, mode 0600, and print nothing.")
    private @Nullable Path out;

    @Override
    public Integer call() {
        if (port < 0 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port must be 0..65535, was " + port);
        }
        if (out != null) {
            Path directory = out.toAbsolutePath().getParent();
            if (directory == null || !Files.isDirectory(directory)) {
                throw new AgentException(out + ": its directory does not exist; make it first");
            }
        }
        Login login = asked.login();
        PrintWriter tell = spec.commandLine().getErr();
        ProviderHttp http = new ProviderHttp();
        Provider provider = Provider.discover(issuer, http);
        JsonObject answer = device
                ? new DeviceFlow(provider, http, login).run(tell, LONGEST)
                : new CodeFlow(provider, http, login).run(tell, port, LONGEST);
        String token = token(answer, tell);
        if (out == null) {
            spec.commandLine().getOut().println(token);
        } else {
            write(out, token);
        }
        return 0;
    }

    private static String token(JsonObject answer, PrintWriter tell) {
        String access = answer.string("access_token");
        if (access != null && CompactJws.parse(access).isPresent()) {
            return access;
        }
        String identity = answer.string("id_token");
        if (identity != null && CompactJws.parse(identity).isPresent()) {
            tell.println(
                    "The provider's access token is no JWT: this is its ID token, for --subject-token-type id_token.");
            return identity;
        }
        throw new AgentException("the provider gave no JWT: ask for one by --scope openid, or by --resource");
    }

    /** Writes the token. At each moment the file has the whole token or its former content, and only its owner can read it. */
    private static void write(Path file, String token) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            Path fresh = posix
                    ? Files.createTempFile(
                            directory,
                            ".token",
                            ".new",
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                    : Files.createTempFile(directory, ".token", ".new");
            try {
                Files.writeString(fresh, token + "\n");
                Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            throw new AgentException(
                    file + ": cannot be written (" + e.getClass().getSimpleName()
                            + "); name a file in a directory that is there and can be written to");
        }
    }
}
