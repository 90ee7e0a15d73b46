/** Gathers methods and calls them: scope, params, deadline, error and log line, once. */
package io.koshi.rpc.internal;
