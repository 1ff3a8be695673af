/** Puts a proxy together and starts it. */
@NullMarked
package io.shardway.proxy;

import org.jspecify.annotations.NullMarked;
