//! With tokio.

use crate::client::Requester;
use crate::items::Item;
use crate::service::{Service, METHODS, NAME};
use async_trait::async_trait;
use protobuf::{CodedInputStream, Message};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use ttrpc::r#async::{Client, MethodHandler, Server, TtrpcContext};
use ttrpc::{Error, Request, Response, Result};

struct Bound {
    service: Arc<Service>,
    name: &'static str,
}

/// Tells that a task was dropped before its end: that is how it is cancelled.
struct Cancelled(Option<String>);

impl Drop for Cancelled {
    fn drop(&mut self) {
        if let Some(name) = &self.0 {
            crate::say(&format!("cancelled|{}", name));
        }
    }
}

impl Bound {
    async fn run(&self, context: &TtrpcContext, item: Item) -> Result<Item> {
        match self.name {
            "Sleep" => tokio::time::sleep(Duration::from_millis(item.get_number() as u64)).await,
            "Hold" => {
                let mut cancelled = Cancelled(Some(item.get_text().to_string()));
                self.service.hold(item.get_text()).await.unwrap();
                cancelled.0 = None;
            }
            name => return self.service.run(name, &context.metadata, context.timeout_nano, item),
        }
        Ok(item)
    }
}

/// The name that ttrpc's macro wants.
struct Method {
    service: Bound,
}

#[async_trait]
impl MethodHandler for Method {
    async fn handler(&self, context: TtrpcContext, request: Request) -> Result<(u32, Vec<u8>)> {
        ttrpc::async_request_handler!(self, context, request, items, Item, run);
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs what blocks on a thread of its own, and tasks on this one until it ends.
fn drive<F: FnOnce() + Send + 'static>(runtime: &Runtime, what: F) {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        what();
        sender.send(()).unwrap();
    });
    runtime.block_on(receiver).unwrap();
}

pub fn serve(listener: i32, await_end: fn()) {
    let service = Arc::new(Service::default());
    let mut methods: HashMap<String, Box<dyn MethodHandler + Send + Sync>> = HashMap::new();
    for name in METHODS {
        let service = Bound { service: service.clone(), name };
        methods.insert(format!("/{}/{}", NAME, name), Box::new(Method { service }));
    }
    let mut server = Server::new().add_listener(listener).unwrap().set_domain_unix().register_service(methods);
    let runtime = runtime();
    runtime.block_on(server.start()).unwrap();
    drive(&runtime, await_end);
    std::process::exit(0);
}

#[derive(Clone)]
pub struct OnRuntime {
    client: Client,
    runtime: Handle,
}

impl Requester for OnRuntime {
    fn request(&self, request: Request) -> std::result::Result<Response, Error> {
        self.runtime.block_on(self.client.clone().request(request))
    }
}

pub fn call(connected: i32, obey: fn(OnRuntime)) {
    let runtime = runtime();
    let client = {
        let _entered = runtime.enter();
        Client::new(connected)
    };
    let requester = OnRuntime { client, runtime: runtime.handle().clone() };
    drive(&runtime, move || obey(requester));
    std::process::exit(0);
}
