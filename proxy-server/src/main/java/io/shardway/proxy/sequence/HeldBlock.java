package io.shardway.proxy.sequence;

/**
 * A block of keys that a proxy may still draw from. Immutable.
 *
 * @param proxy its number
 * @param end behind the last key
 */
public record HeldBlock(int proxy, long first, long end) {}
