//! A ttRPC server or client that does what its standard input says, in the language that PeerProcess.java describes.

mod items {
    include!(concat!(env!("OUT_DIR"), "/items.rs"));
    pub use unary::Item;
}
mod asynchronous;
mod client;
mod service;
mod synchronous;

use std::io::{BufRead, Read};
use std::os::unix::io::IntoRawFd;
use std::os::unix::net::{UnixListener, UnixStream};

/// One line on standard output; println! holds its lock.
pub fn say(line: &str) {
    println!("{}", line);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = &arguments[2];
    match (arguments[0].as_str(), arguments[1].as_str()) {
        ("sync", "serve") => synchronous::serve(listen(path), await_end),
        ("async", "serve") => asynchronous::serve(listen(path), await_end),
        ("sync", "call") => synchronous::call(connect(path), obey),
        ("async", "call") => asynchronous::call(connect(path), obey),
        other => panic!("{:?}", other),
    }
}

/// ttrpc's own bind takes abstract names alone.
fn listen(path: &str) -> i32 {
    UnixListener::bind(path).unwrap().into_raw_fd()
}

fn connect(path: &str) -> i32 {
    UnixStream::connect(path).unwrap().into_raw_fd()
}

fn await_end() {
    say("ready");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Each command on a thread of its own.
fn obey<R: client::Requester>(requester: R) {
    say("ready");
    for line in std::io::stdin().lock().lines() {
        let requester = requester.clone();
        std::thread::spawn(move || {
            let line = line.unwrap();
            let words: Vec<&str> = line.split('|').collect();
            let answer = match words[1] {
                "unary" => client::call(&requester, &words[2..]),
                _ => "broken|ttrpc 0.5 has no streams".to_string(),
            };
            say(&format!("{}|{}", words[0], answer));
        });
    }
}
