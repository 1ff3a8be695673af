/** Makes the first topology of a cluster. */
@NullMarked
package io.shardway.cli.init;

import org.jspecify.annotations.NullMarked;
