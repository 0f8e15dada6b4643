/** JMH benchmarks by what users see: single native calls, and calls of a generated stub. */
package io.posixsocket.benchmarks.calls;
