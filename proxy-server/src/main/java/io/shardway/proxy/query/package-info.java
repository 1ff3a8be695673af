/**
 * What operators may ask of a running proxy: its status, EXPLAIN, and the interface of the admin
 * statements, which {@code admin} implements.
 */
@NullMarked
package io.shardway.proxy.query;

import org.jspecify.annotations.NullMarked;
