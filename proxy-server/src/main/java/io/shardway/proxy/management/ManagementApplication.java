package io.shardway.proxy.management;

import io.shardway.proxy.query.ProxyStatus;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.PingHealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The Spring Boot application: actuator's health endpoint over the proxy's status. What it imports
 * is named, not searched for: searching doubles the start.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
    EndpointAutoConfiguration.class,
    HealthContributorRegistryAutoConfiguration.class,
    HealthEndpointAutoConfiguration.class
})
class ManagementApplication {

    /** DEGRADED is served with 200: the proxy works, somebody should look. */
    private static final Map<String, Object> PROPERTIES =
            Map.of(
                    "management.endpoints.web.exposure.include", "health",
                    "management.endpoints.jmx.exposure.include", "health",
                    "management.endpoint.health.show-details", "always",
                    "management.endpoint.health.status.order",
                            "DOWN,OUT_OF_SERVICE,DEGRADED,UP,UNKNOWN",
                    "management.endpoint.health.group.liveness.include", "ping",
                    "management.endpoint.health.group.readiness.include", "stage",
                    "spring.main.register-shutdown-hook", "false",
                    "spring.main.log-startup-info", "false");

    static ConfigurableApplicationContext run(ProxyStatus status) {
        // Logging is the process's: Spring Boot would set it up anew.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        var application = new SpringApplication(ManagementApplication.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setDefaultProperties(PROPERTIES);
        application.addInitializers(
                context -> context.getBeanFactory().registerSingleton("proxyStatus", status));
        return application.run();
    }

    @Bean
    HealthIndicator stageHealthIndicator(ProxyStatus status) {
        return () -> ProxyHealth.ofStage(status.stage());
    }

    @Bean
    HealthIndicator topologyHealthIndicator(ProxyStatus status) {
        return () -> ProxyHealth.ofTopology(status.topologyStatus());
    }

    @Bean
    HealthIndicator nodesHealthIndicator(ProxyStatus status) {
        return () -> ProxyHealth.ofNodes(status.pools());
    }

    /** To answer is to be alive. */
    @Bean
    HealthIndicator pingHealthIndicator() {
        return new PingHealthIndicator();
    }
}
