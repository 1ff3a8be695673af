/**
 * The MySQL wire protocol as values over Netty buffers: knows bytes, packets and their meaning, but
 * no channel, session or thread.
 */
@NullMarked
package io.shardway.proxy.protocol;

import org.jspecify.annotations.NullMarked;
