package dev.errand.cli;

import dev.errand.json.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code errand ready}: whether a gateway takes calls, for a container's health check and {@code helm test}, whose image has no
 * shell. It makes one request without a credential and follows nothing; exit 0 for the answer 200, 1 for any other or none
 * within 5 seconds. Of an answer only the status is read.
 */
@Command(
        name = "ready",
        mixinStandardHelpOptions = true,
        description =
                "Asks a running gateway whether it takes calls: exit 0 if it answers 200 within 5 seconds, else 1.")
final class ReadyCommand extends CliCommand {
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final int OK = 200;

    @Parameters(
            paramLabel = "URL",
            arity = "0..1",
            defaultValue = "http://127.0.0.1:9090/actuator/health/readiness",
            description = "http or https; ${DEFAULT-VALUE} if not said.")
    private String url = "";

    @Override
    public Integer call() throws InterruptedException {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(URI.create(url)).timeout(LONGEST).build();
        } catch (IllegalArgumentException e) {
            throw misuse(Printable.line("'" + url + "' is no http or https URL"));
        }
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(LONGEST)
                .build();
        try {
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status == OK ? said(out(), "ready", 0) : not("the answer is " + status);
        } catch (IOException e) {
            return not(e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage()));
        }
    }

    private int not(String why) {
        return said(err(), "not ready: " + why, 1);
    }

    private static int said(PrintWriter where, String what, int exit) {
        where.println(Printable.line(what));
        where.flush();
        return exit;
    }
}
