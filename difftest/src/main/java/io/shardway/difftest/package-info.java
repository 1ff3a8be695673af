/**
 * The differential suite: random statements, each on one MySQL and through Shardway, compared,
 * shrunk and kept. Knows JDBC only.
 */
@NullMarked
package io.shardway.difftest;

import org.jspecify.annotations.NullMarked;
