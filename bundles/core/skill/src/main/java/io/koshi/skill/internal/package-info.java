/** Keeps what agents know how to do, in words. */
package io.koshi.skill.internal;
