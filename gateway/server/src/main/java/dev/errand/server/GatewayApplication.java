package dev.errand.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The gateway as a Spring Boot application. */
@SpringBootApplication(
        proxyBeanMethods = false,
        scanBasePackages = {"dev.errand.server", "dev.errand.issuer", "dev.errand.operator", "dev.errand.decision"})
public class GatewayApplication {
    /** How many buffers of one body Reactor Netty reads that the other side has not taken. */
    private static final String AHEAD = "reactor.netty.send.maxPrefetchSize";

    /**
     * Starts the gateway on a configuration directory.
     *
     * @param directory holds {@code application.yaml}, {@code operations/} and {@code tasks/}
     * @param properties any Spring properties, as {@code --name=value}
     * @return the running gateway; an exception tells why it does not start
     */
    public static ConfigurableApplicationContext start(Path directory, List<String> properties) {
        if (System.getProperty(AHEAD) == null) {
            // The default is 128: stalled bodies, a mebibyte each, would soon take all direct memory.
            System.setProperty(AHEAD, "16");
        }
        SpringApplication application = new SpringApplication(GatewayApplication.class);
        application.setRegisterShutdownHook(true);
        List<String> arguments = new ArrayList<>();
        // Not the default locations: these would also read files of the working directory.
        arguments.add("--spring.config.location=classpath:/,file:"
                + directory.toAbsolutePath().normalize() + "/");
        arguments.add("--errand.directory=" + directory.toAbsolutePath().normalize());
        arguments.addAll(properties);
        return application.run(arguments.toArray(String[]::new));
    }
}
