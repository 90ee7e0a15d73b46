/** Keeps conversations and the turns in them. */
package io.koshi.session.internal;
