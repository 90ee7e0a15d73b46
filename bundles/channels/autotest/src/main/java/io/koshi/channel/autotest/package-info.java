/** A channel without a platform: a program says something, and reads what the hub answers. */
package io.koshi.channel.autotest;
