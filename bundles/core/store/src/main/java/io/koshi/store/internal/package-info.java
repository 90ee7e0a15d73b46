/** One SQLite file, one writer, group commit. */
package io.koshi.store.internal;
