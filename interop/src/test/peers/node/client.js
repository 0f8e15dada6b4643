// The client of posix-socket's README. The argument is a path, or a port of the loopback.
const PosixSocket = require("posix-socket");
const inet = /^\d+$/.test(process.argv[2]);
const sockfd = PosixSocket.socket(inet ? PosixSocket.AF_INET : PosixSocket.AF_UNIX, PosixSocket.SOCK_STREAM, 0);
PosixSocket.connect(sockfd, inet ? {
  sin_family: PosixSocket.AF_INET,
  sin_port: Number(process.argv[2]),
  sin_addr: "127.0.0.1"
} : {
  sun_family: PosixSocket.AF_UNIX,
  sun_path: process.argv[2]
});
const buffer = new ArrayBuffer(100);
const view = new Uint16Array(buffer, 0, buffer.length);
const string = "HelloWorld!";
for (let i = 0; i<string.length; i++)
  view[i] = string.charCodeAt(i);
PosixSocket.send(sockfd, buffer, string.length*view.BYTES_PER_ELEMENT, 0);
PosixSocket.close(sockfd);
