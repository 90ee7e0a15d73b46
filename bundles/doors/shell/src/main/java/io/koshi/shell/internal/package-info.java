/** Every method as a Gogo command. */
package io.koshi.shell.internal;
