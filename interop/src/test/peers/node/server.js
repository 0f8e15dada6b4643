// The server of posix-socket's README, which says where it listens. The argument is a path, or "inet" for the loopback.
const PosixSocket = require("posix-socket");
const inet = process.argv[2] === "inet";
const sockfd = PosixSocket.socket(inet ? PosixSocket.AF_INET : PosixSocket.AF_UNIX, PosixSocket.SOCK_STREAM, 0);
function bind(address) {
  PosixSocket.bind(sockfd, address);
  PosixSocket.listen(sockfd, 1);
  console.log("listens at", address.sun_path || address.sin_port);
}
if (inet) {
  for (let port = 20000 + process.pid % 10000; ; port++) { // it cannot tell which port the kernel would choose
    try {
      bind({ sin_family: PosixSocket.AF_INET, sin_port: port, sin_addr: "127.0.0.1" });
      break;
    } catch (error) {
      if (port > 32000) throw error;
    }
  }
} else {
  bind({ sun_family: PosixSocket.AF_UNIX, sun_path: process.argv[2] });
}
const address = {};
const sockfd1 = PosixSocket.accept(sockfd, address);
const buffer = new ArrayBuffer(100);
const size = PosixSocket.recv(sockfd1, buffer, buffer.byteLength, 0);
console.log("got: <" + String.fromCharCode.apply(null, new Uint16Array(buffer, 0, size / 2)) + ">"); // the README has "size"
PosixSocket.close(sockfd1);
PosixSocket.close(sockfd);
