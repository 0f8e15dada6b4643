/** Measurements of calls between two processes, and the programs that they are measured against. */
package io.posixsocket.benchmarks;
