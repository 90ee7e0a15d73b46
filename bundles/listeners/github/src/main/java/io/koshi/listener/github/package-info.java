/** Takes GitHub webhooks in as messages. */
package io.koshi.listener.github;
