package io.koshi.rpc;

/** What a method does to the hub; a caller's scope is {@code noun.read}, {@code noun.write}, {@code noun.admin} or {@code *}. */
public enum Scope {
    /** Looks, changes nothing. */
    READ,
    /** Changes what the noun owns; includes READ. */
    WRITE,
    /** Changes the hub itself; includes WRITE. */
    ADMIN
}
