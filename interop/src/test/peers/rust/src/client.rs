//! The calls, whatever makes them.

use crate::items::Item;
use protobuf::Message;
use std::collections::HashMap;
use std::fmt::Write;
use ttrpc::{Error, Request, Response};

pub trait Requester: Clone + Send + 'static {
    fn request(&self, request: Request) -> Result<Response, Error>;
}

/// words: service, method, milliseconds until the deadline, text, number, length of data, metadata.
pub fn call<R: Requester>(requester: &R, words: &[&str]) -> String {
    let mut metadata: HashMap<String, Vec<String>> = HashMap::new();
    for entry in &words[6..] {
        let (key, value) = entry.split_once('=').unwrap();
        metadata.entry(key.to_string()).or_default().push(value.to_string());
    }
    let mut item = Item::new();
    item.set_text(words[3].to_string());
    item.set_number(words[4].parse().unwrap());
    item.set_data(vec![0; words[5].parse().unwrap()]);
    let mut request = Request::new();
    request.set_service(words[0].to_string());
    request.set_method(words[1].to_string());
    request.set_timeout_nano(words[2].parse::<i64>().unwrap() * 1_000_000);
    request.set_metadata(ttrpc::context::to_pb(metadata));
    request.set_payload(item.write_to_bytes().unwrap());
    match requester.request(request) {
        Ok(response) => {
            let reply: Item = Item::parse_from_bytes(&response.payload).unwrap();
            let list = reply.get_list().join(",");
            format!("ok|{}|{}|{}|{}", reply.get_text(), reply.get_number(), reply.get_data().len(), list)
        }
        Err(Error::RpcStatus(status)) => {
            let mut details = vec![];
            for detail in status.get_details() {
                let mut hex = String::new();
                for byte in detail.get_value() {
                    write!(hex, "{:02x}", byte).unwrap();
                }
                details.push(format!("{}={}", detail.get_type_url(), hex));
            }
            let code = status.get_code() as i32;
            format!("failed|{}|{}|{}", code, status.get_message(), details.join(","))
        }
        Err(other) => format!("broken|{}", other),
    }
}
