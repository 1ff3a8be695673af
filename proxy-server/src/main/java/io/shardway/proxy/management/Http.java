package io.shardway.proxy.management;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** What all answers have in common. Stateless. */
final class Http {

    private Http() {}

    /** Only GET and HEAD are answered with the body's code. */
    static void answer(HttpExchange exchange, int code, String type, byte[] body)
            throws IOException {
        try (exchange) {
            switch (exchange.getRequestMethod()) {
                case "GET" -> {
                    exchange.getResponseHeaders().set("Content-Type", type);
                    exchange.sendResponseHeaders(code, body.length);
                    exchange.getResponseBody().write(body);
                }
                case "HEAD" -> exchange.sendResponseHeaders(code, -1);
                default -> exchange.sendResponseHeaders(405, -1);
            }
        }
    }
}
