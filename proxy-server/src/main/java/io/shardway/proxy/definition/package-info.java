/**
 * Definitions of tables and views in sharded keyspaces: each is a journal entry that is carried out
 * shard by shard, and can be carried on or taken back by any proxy. The way in is {@link
 * io.shardway.proxy.definition.DefinitionService}.
 */
@NullMarked
package io.shardway.proxy.definition;

import org.jspecify.annotations.NullMarked;
