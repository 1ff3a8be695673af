/** Everything an operator can set: keys, defaults, bounds, and where the values come from. */
@NullMarked
package io.shardway.proxy.settings;

import org.jspecify.annotations.NullMarked;
