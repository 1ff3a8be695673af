package io.shardway.proxy.backend;

/** A statement that waits for a connection of one flavour. Confined to its event loop. */
final class Waiter {

    final BackendFlavour flavour;
    final LeaseReceiver receiver;
    final long sinceNanos;

    /** It was served, refused or let go; its receiver must hear nothing more. */
    boolean ended;

    Waiter(BackendFlavour flavour, LeaseReceiver receiver, long sinceNanos) {
        this.flavour = flavour;
        this.receiver = receiver;
        this.sinceNanos = sinceNanos;
    }
}
