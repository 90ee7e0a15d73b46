/** HTTP health, liveness and readiness. */
package io.koshi.health.internal;
