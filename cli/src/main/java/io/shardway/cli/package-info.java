/** The {@code ./shardway} command. */
@NullMarked
package io.shardway.cli;

import org.jspecify.annotations.NullMarked;
