package io.shardway.proxy.admin;

import io.shardway.router.topology.AccountName;
import io.shardway.router.topology.AccountRight;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A statement on accounts, read. Immutable. */
sealed interface AccountCommand {

    List<AccountName> names();

    record Show(AccountName name) implements AccountCommand {
        @Override
        public List<AccountName> names() {
            return List.of(name);
        }
    }

    record Create(AccountName name, boolean ifNotExists, AccountChanges changes)
            implements AccountCommand {
        @Override
        public List<AccountName> names() {
            return List.of(name);
        }
    }

    record Alter(AccountName name, boolean ifExists, AccountChanges changes)
            implements AccountCommand {
        @Override
        public List<AccountName> names() {
            return List.of(name);
        }
    }

    record Drop(List<AccountName> names, boolean ifExists) implements AccountCommand {
        public Drop {
            names = List.copyOf(names);
        }
    }

    /**
     * @param keyspace empty: every keyspace
     */
    record Grant(AccountRight right, Optional<String> keyspace, List<AccountName> names)
            implements AccountCommand {
        public Grant {
            names = List.copyOf(names);
        }
    }

    /**
     * @param keyspace as for {@link Grant}
     */
    record Revoke(AccountRight right, Optional<String> keyspace, List<AccountName> names)
            implements AccountCommand {
        public Revoke {
            names = List.copyOf(names);
        }
    }

    /** What is done to whom, without any password: for the audit log. */
    default String described() {
        String whom = names().stream().map(AccountName::toString).collect(Collectors.joining(", "));
        return switch (this) {
            case Show _, Drop _ -> whom;
            case Create create -> whom + create.changes().described();
            case Alter alter -> whom + alter.changes().described();
            case Grant(var right, var keyspace, _) -> right + on(keyspace) + " TO " + whom;
            case Revoke(var right, var keyspace, _) -> right + on(keyspace) + " FROM " + whom;
        };
    }

    private static String on(Optional<String> keyspace) {
        return " ON " + keyspace.orElse("*") + ".*";
    }
}
