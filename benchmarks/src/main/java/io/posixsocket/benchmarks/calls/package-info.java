/** JMH benchmarks of single native calls: what the bindings add to them. */
package io.posixsocket.benchmarks.calls;
