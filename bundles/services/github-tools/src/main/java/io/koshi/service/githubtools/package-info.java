/** Tools that read GitHub and comment there. */
package io.koshi.service.githubtools;
