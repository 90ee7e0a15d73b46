/** Reads koshi.yaml and gives rooms a live snapshot and plugins their configuration. */
package io.koshi.config.internal;
