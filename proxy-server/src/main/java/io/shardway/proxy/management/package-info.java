/**
 * Health and metrics over HTTP. The only package that knows Spring: Boot's actuator decides what
 * health is, and the HTTP server of the JDK carries it. Nothing below knows this package.
 */
@NullMarked
package io.shardway.proxy.management;

import org.jspecify.annotations.NullMarked;
