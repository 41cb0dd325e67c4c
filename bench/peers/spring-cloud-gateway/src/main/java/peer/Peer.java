package peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;

/** The peer: TLS in, one key look-up, mutual TLS out. Nothing else. */
@SpringBootApplication
public class Peer {
    public static void main(String[] args) {
        SpringApplication.run(Peer.class, args);
    }

    @Bean
    RouteLocator routes(RouteLocatorBuilder routes) {
        return routes.routes()
                .route(
                        "streams",
                        r -> r.path("/v1/**")
                                .and()
                                .header("x-bench", "stream")
                                .uri(System.getProperty("streams")))
                .route("upstream", r -> r.path("/v1/**").uri(System.getProperty("upstream")))
                .build();
    }

    @Bean
    GlobalFilter keys() throws IOException {
        Set<String> known = new HashSet<>(Files.readAllLines(Path.of(System.getProperty("keys"))));
        return (exchange, chain) -> {
            String given = exchange.getRequest().getHeaders().getFirst("authorization");
            if (given == null || !known.contains(sha256(given))) {
                exchange.getResponse().setStatusCode(HttpStatus.UNAUTHORIZED);
                return exchange.getResponse().setComplete();
            }
            return chain.filter(exchange);
        };
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
