/**
 * Who may come in: the login of clients, the login at nodes, and TLS for both. Knows channels and
 * accounts, but no session.
 */
@NullMarked
package io.shardway.proxy.auth;

import org.jspecify.annotations.NullMarked;
