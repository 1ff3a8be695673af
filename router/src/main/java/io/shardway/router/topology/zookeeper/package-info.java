/**
 * The topology in ZooKeeper, and beside it the proxies and the accounts. The way in is {@link
 * io.shardway.router.topology.zookeeper.ZooKeeperClient}.
 *
 * <pre>
 * /shardway                     the root, a setting
 *   /format                     version of all that follows; another one is refused
 *   /topology                   epoch, shards, nodes, bucket map, keyspaces, recent changes
 *   /keyspaces/NAME             schema epoch and tables; written together with /topology
 *   /definitions                last number, open entries of the journal of definitions
 *     /NUMBER                   one entry
 *   /definition-locks/KEYSPACE  ephemeral: who defines tables now
 *   /accounts                   all accounts
 *   /proxies/NUMBER             who has the number
 *     /alive                    ephemeral: the process lives
 *     /announced                the epoch it serves
 *     /inbox/ID                 KILL requests from other proxies
 * </pre>
 *
 * <p>Nodes hold JSON, compressed with gzip when it is large; unknown fields are refused. With
 * credentials every node is accessible to their user alone, otherwise to everybody.
 */
@NullMarked
package io.shardway.router.topology.zookeeper;

import org.jspecify.annotations.NullMarked;
