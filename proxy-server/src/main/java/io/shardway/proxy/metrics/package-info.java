/** What the proxy counts. At the bottom of the packages, because all of them count. */
@NullMarked
package io.shardway.proxy.metrics;

import org.jspecify.annotations.NullMarked;
