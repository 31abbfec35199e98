package dev.errand.peers;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/** Spring Cloud Gateway in its default form: one route, no filters ({@code bare.yaml} leaves security and Redis out). */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class BareGateway {
    public static void main(String[] arguments) {
        SpringApplication.run(BareGateway.class, arguments);
    }
}
