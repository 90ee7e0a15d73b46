/** Finds the first matching rule for a batch and carries it out. */
package io.koshi.router.internal;
