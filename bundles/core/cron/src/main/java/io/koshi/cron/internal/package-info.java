/** Starts work at its times, each time once. */
package io.koshi.cron.internal;
