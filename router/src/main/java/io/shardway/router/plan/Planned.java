package io.shardway.router.plan;

/**
 * A plan, and who may have it carried out. Immutable.
 *
 * @param needs of a rejected statement those of what was read before it was rejected: nobody learns
 *     of tables from an error
 */
public record Planned(Plan plan, Needs needs) {}
