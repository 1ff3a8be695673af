/** A whole cluster on this machine, with one command. */
@NullMarked
package io.shardway.cli.demo;

import org.jspecify.annotations.NullMarked;
