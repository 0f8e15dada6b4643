//! With threads.

use crate::client::Requester;
use crate::items::Item;
use crate::service::{Service, METHODS, NAME};
use protobuf::{CodedInputStream, Message};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use ttrpc::{Error, MethodHandler, Request, Response, Result, TtrpcContext};

struct Bound {
    service: Arc<Service>,
    name: &'static str,
}

impl Bound {
    fn run(&self, context: &TtrpcContext, item: Item) -> Result<Item> {
        match self.name {
            "Sleep" => std::thread::sleep(Duration::from_millis(item.get_number() as u64)),
            "Hold" => self.service.hold(item.get_text()).blocking_recv().unwrap(),
            name => return self.service.run(name, &context.metadata, context.timeout_nano, item),
        }
        Ok(item)
    }
}

/// The name that ttrpc's macro wants.
struct Method {
    service: Bound,
}

impl MethodHandler for Method {
    fn handler(&self, context: TtrpcContext, request: Request) -> Result<()> {
        ttrpc::request_handler!(self, context, request, items, Item, run);
        Ok(())
    }
}

pub fn serve(listener: i32, await_end: fn()) {
    let service = Arc::new(Service::default());
    let mut methods: HashMap<String, Box<dyn MethodHandler + Send + Sync>> = HashMap::new();
    for name in METHODS {
        let service = Bound { service: service.clone(), name };
        methods.insert(format!("/{}/{}", NAME, name), Box::new(Method { service }));
    }
    let mut server = ttrpc::Server::new().add_listener(listener).unwrap().register_service(methods);
    server.start().unwrap();
    await_end();
    std::process::exit(0); // not waiting for handlers
}

impl Requester for ttrpc::Client {
    fn request(&self, request: Request) -> std::result::Result<Response, Error> {
        ttrpc::Client::request(self, request)
    }
}

pub fn call(connected: i32, obey: fn(ttrpc::Client)) {
    obey(ttrpc::Client::new(connected));
    std::process::exit(0);
}
