/** The older gateway's frames, names and errors, exactly as its clients know them. */
package io.koshi.vargos.internal;
