/** {@code ./shardway difftest}: random statements on one MySQL and through Shardway. */
@NullMarked
package io.shardway.cli.difftest;

import org.jspecify.annotations.NullMarked;
