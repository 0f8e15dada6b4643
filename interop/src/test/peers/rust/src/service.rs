//! The service but for what waits, which a thread and a task do differently.

use crate::items::Item;
use protobuf::Message;
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::sync::oneshot;
use ttrpc::ttrpc::Any;
use ttrpc::{Error, Result};

pub const NAME: &str = "interop.v1.Unary";
pub const METHODS: [&str; 8] = ["Echo", "Told", "Sleep", "Hold", "Release", "Fail", "Take", "Give"];

#[derive(Default)]
pub struct Service {
    held: Mutex<HashMap<String, oneshot::Sender<()>>>,
}

impl Service {
    /// What Release of this name sends to.
    pub fn hold(&self, name: &str) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.held.lock().unwrap().insert(name.to_string(), sender);
        crate::say(&format!("holding|{}", name));
        receiver
    }

    pub fn run(&self, method: &str, metadata: &HashMap<String, Vec<String>>, timeout: i64, item: Item) -> Result<Item> {
        let mut reply = Item::new();
        match method {
            "Echo" => return Ok(item),
            "Told" => {
                let mut told: Vec<String> = vec![];
                for (key, values) in metadata {
                    told.extend(values.iter().map(|value| format!("{}={}", key, value)));
                }
                told.sort();
                reply.set_list(told.into());
                reply.set_number(timeout / 1_000_000);
            }
            "Release" => {
                let held = self.held.lock().unwrap().remove(item.get_text());
                if let Some(sender) = held {
                    let _ = sender.send(()); // nobody waits if it was cancelled
                }
            }
            "Fail" if item.get_number() == 0 => return Err(Error::Others(item.get_text().to_string())),
            "Fail" => {
                let mut value = Item::new();
                value.set_text(item.get_text().to_string());
                let mut detail = Any::new();
                detail.set_type_url("type.googleapis.com/interop.v1.Item".to_string());
                detail.set_value(value.write_to_bytes().unwrap());
                let mut status = ttrpc::Status::new();
                status.set_code(protobuf::ProtobufEnum::from_i32(item.get_number() as i32).unwrap());
                status.set_message(item.get_text().to_string());
                status.set_details(vec![detail].into());
                return Err(Error::RpcStatus(status));
            }
            "Take" => reply.set_number(item.get_data().len() as i64),
            "Give" => reply.set_data(vec![0; item.get_number() as usize]),
            other => panic!("{}", other),
        }
        Ok(reply)
    }
}
