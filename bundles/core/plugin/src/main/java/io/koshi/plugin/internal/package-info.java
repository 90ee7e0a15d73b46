/** Installs, updates and removes garden bundles while messages flow. */
package io.koshi.plugin.internal;
