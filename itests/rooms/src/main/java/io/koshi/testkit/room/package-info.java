/** The part of the test kit that stands on the real store, codec and pools; for rooms that do so too. */
package io.koshi.testkit.room;
