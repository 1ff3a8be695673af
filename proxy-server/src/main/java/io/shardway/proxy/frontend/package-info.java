/** The side towards clients: framing, commands, flow control. */
@NullMarked
package io.shardway.proxy.frontend;

import org.jspecify.annotations.NullMarked;
