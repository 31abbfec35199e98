package dev.errand.demo;

import dev.errand.cli.AgentClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;

/** One gateway, its upstreams and its identity provider, running. Closing it ends them and deletes their files. */
record Demo(DemoDirectory directory, DemoIdentities identities, Upstreams upstreams, DemoGateway gateway)
        implements AutoCloseable {
    /**
     * Starts all parts.
     *
     * @param home the directory that holds {@code config/}; null for the configuration in the jar
     * @param verbose whether the gateway's own log is shown
     */
    public static Demo start(@Nullable Path home, boolean verbose) throws IOException {
        DemoDirectory directory = DemoDirectory.create(home);
        SpringApplication.getShutdownHandlers().add(directory);
        Upstreams upstreams = null;
        try {
            DemoIdentities identities = DemoIdentities.create(directory);
            upstreams = Upstreams.start(directory);
            return new Demo(directory, identities, upstreams, DemoGateway.start(directory, upstreams, verbose));
        } catch (IOException | RuntimeException e) {
            if (upstreams != null) {
                upstreams.close();
            }
            directory.close();
            throw e;
        }
    }

    /**
     * Starts one more task and prints how to make a call of it from a shell, with a fresh proof each time.
     *
     * @param errand the shell command that runs errand
     */
    public void keep(Transcript transcript, String errand) throws IOException {
        Path key = directory.resolve("agent.jwk");
        Path token = directory.resolve("agent.token");
        transcript.line("Still running, with one more task to try for ten minutes:");
        Call call = play(transcript, HttpClient.newHttpClient()).spare(key, token);
        String url = address() + call.target();
        transcript.line("");
        transcript.line("printf 'Authorization: DPoP %s\\nDPoP: %s\\n' \"$(cat " + token + ")\" \"$(" + errand
                + " token proof --token @" + token + " --key " + key + " --url '" + url + "')\" | curl -i -H @- '" + url
                + "'");
        transcript.line("");
        transcript.line("Stop it with Ctrl-C; its files in " + directory.resolve("") + " go with it.");
    }

    private Scenes play(Transcript transcript, HttpClient http) {
        return new Scenes(new AgentClient(gateway.address(), address(), http), address(), identities, transcript);
    }

    /**
     * Plays every scene. Returns what did not go as announced; empty if all did. A run for a start cache returns nothing: the
     * cache needs the classes that the run loads. On a slow machine, such as an emulated one, some calls time out.
     */
    public List<String> play(Transcript transcript) {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        play(transcript, http).run(new Evidence(directory, upstreams, http));
        return LookUps.asked() ? List.of() : transcript.faults();
    }

    /** The gateway's address. */
    public String address() {
        return gateway.address().toString();
    }

    @Override
    public void close() {
        gateway.close();
        upstreams.close();
        directory.close();
        SpringApplication.getShutdownHandlers().remove(directory);
    }
}
