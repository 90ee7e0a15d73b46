package io.koshi.store;

/**
 * @param bytes size of the database file
 * @param walBytes size of the write-ahead log
 * @param freeDiskBytes room left on its disk
 * @param commits since the start
 * @param writes since the start; {@code writes / commits} is the mean group
 * @param queued writes that wait
 */
public record StoreStats(long bytes, long walBytes, long freeDiskBytes, long commits, long writes, int queued) {}
