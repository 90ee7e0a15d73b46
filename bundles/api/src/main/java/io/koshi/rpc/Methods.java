package io.koshi.rpc;

import org.osgi.annotation.versioning.ConsumerType;

/** A component whose {@link Rpc} methods the registry offers through every door; marked with {@link Namespace}. */
@ConsumerType
public interface Methods {}
