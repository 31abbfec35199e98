package dev.errand.it;

import dev.errand.json.Jcs;
import java.nio.file.Files;
import java.nio.file.Path;

/** A script of {@code gateway/cli/src/test/clients}, whose client library has the hook that adds the headers of a call. */
final class PythonClient {
    private PythonClient() {}

    /** Runs it to its end, against the only route of the gateway; all that it said. */
    static String run(Path directory, String script, FrontedServer fronted) throws Exception {
        TestAgent agent = fronted.agent();
        Path holder = Files.writeString(
                directory.resolve("holder.json"),
                "{\"token\":\"" + agent.token() + "\",\"issuer\":\"" + RunningGateway.ISSUER + "\",\"jwk\":"
                        + Jcs.canonical(agent.key().jwk()) + "}");
        String route = fronted.gateway()
                .context()
                .getEnvironment()
                .getRequiredProperty("spring.cloud.gateway.server.webflux.routes[0].id");
        ProcessBuilder builder = new ProcessBuilder(
                RealServer.python().toString(),
                RunningGateway.repository()
                        .resolve("gateway/cli/src/test/clients")
                        .resolve(script)
                        .toString(),
                fronted.gateway().address() + "/" + route,
                holder.toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return ServerProcess.end(builder, "").text();
    }
}
