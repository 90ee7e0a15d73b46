/** Every method as an HTTP resource, and the page that shows them. */
package io.koshi.rest.internal;
