//! The wire under the SDK: every request as it goes out, and replies other than the simulated
//! AWS would give.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::Aws;
use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use reconcile::settings::Settings;
use serde_json::Value;
use sim::Sim;

use crate::scene::sdk;

/// A request as it went over the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The operation; for VPC Lattice, whose requests name none, method and first segment of the
    /// path: `POST resourcegateways`.
    pub call: String,
    /// The path after its first segment, percent signs and all.
    pub rest: String,
    /// What stands in the query, or in the form of EC2, RDS and STS.
    pub members: BTreeMap<String, String>,
    /// The JSON body of VPC Lattice and EventBridge, null without one.
    pub body: Value,
}

impl Sent {
    fn read(request: &HttpRequest) -> Sent {
        let body = request.body().bytes().unwrap_or_default();
        let (_, after) = request.uri().split_once("://").unwrap_or_default();
        let (_, after) = after.split_once('/').unwrap_or_default();
        let (path, query) = after.split_once('?').unwrap_or((after, ""));
        let (segment, rest) = path.split_once('/').unwrap_or((path, ""));
        let body_is_form = segment.is_empty() && request.headers().get("x-amz-target").is_none();
        let form: &[u8] = if body_is_form { body } else { &[] };
        let pairs = form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(form));
        let mut members: BTreeMap<String, String> =
            pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let call = match (request.headers().get("x-amz-target"), members.remove("Action")) {
            (Some(target), _) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            (None, Some(action)) => action,
            (None, None) => format!("{} {segment}", request.method()),
        };
        members.remove("Version");
        let body = serde_json::from_slice(body).unwrap_or_default();
        Sent { call, rest: rest.to_owned(), members, body }
    }

    /// Whether it would change anything.
    pub fn is_write(&self) -> bool {
        !["Describe", "Get", "GET "].iter().any(|start| self.call.starts_with(start))
    }

    /// The client token, however the service spells it.
    pub fn token(&self) -> Option<&str> {
        let spelled = self.members.get("ClientToken").map(String::as_str);
        spelled.or(self.body["clientToken"].as_str())
    }
}

type Edit = Box<dyn Fn(&Sent, Vec<u8>) -> Vec<u8> + Send>;

/// What comes back in place of what the simulated AWS answers.
enum Reply {
    /// This, and the simulated AWS never hears of the call.
    Instead(u16, Vec<u8>),
    /// Its answer, changed.
    Edited(Edit),
}

/// A wire between the SDK and the simulated AWS.
#[derive(Clone)]
pub struct Wire {
    sim: Sim,
    way: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    sent: Vec<Sent>,
    delay: Duration,
    replies: Vec<(String, Reply)>,
}

impl Wire {
    /// A wire to this AWS.
    pub fn new(sim: &Sim) -> Wire {
        Wire { sim: sim.clone(), way: sim.http_client(), state: Arc::default() }
    }

    /// AWS at the other end of the wire, as this function calls it.
    pub fn aws(&self, caller: &str, settings: &Settings) -> Aws {
        let sdk: SdkConfig = sdk(&self.sim, caller);
        let client = SharedHttpClient::new(self.clone());
        Aws::new(&sdk.into_builder().http_client(client).build(), settings.clone())
    }

    /// From now on this call gets this status and body, and does nothing.
    pub fn instead(&self, call: &str, status: u16, body: impl AsRef<[u8]>) {
        self.put(call, Reply::Instead(status, body.as_ref().to_vec()));
    }

    /// From now on the answer to this call is changed like this on its way.
    pub fn edit(&self, call: &str, edit: impl Fn(&Sent, String) -> String + Send + 'static) {
        self.edit_bytes(call, move |sent, body| {
            edit(sent, String::from_utf8_lossy(&body).into_owned()).into_bytes()
        });
    }

    /// The same for an answer that need not be text afterwards.
    pub fn edit_bytes(
        &self,
        call: &str,
        edit: impl Fn(&Sent, Vec<u8>) -> Vec<u8> + Send + 'static,
    ) {
        self.put(call, Reply::Edited(Box::new(edit)));
    }

    /// From now on every answer takes so much longer.
    pub fn slow_down(&self, delay: Duration) {
        self.lock().delay = delay;
    }

    /// From now on everything comes back as it is.
    pub fn clear(&self) {
        self.lock().replies.clear();
    }

    /// What was sent since the last time.
    pub fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.lock().sent)
    }

    fn put(&self, call: &str, reply: Reply) {
        let mut state = self.lock();
        state.replies.retain(|(other, _)| other != call);
        state.replies.push((call.to_owned(), reply));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let way = self.way.http_connector(settings, components);
        SharedHttpConnector::new(Tap { wire: self.clone(), way })
    }
}

#[derive(Debug)]
struct Tap {
    wire: Wire,
    way: SharedHttpConnector,
}

impl HttpConnector for Tap {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let delay = self.wire.lock().delay;
        let answer = self.answer(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            tokio::time::sleep(delay).await;
            answer
        })
    }
}

impl Tap {
    fn answer(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent = Sent::read(&request);
        let mut state = self.wire.lock();
        state.sent.push(sent.clone());
        match state.replies.iter().find(|(call, _)| *call == sent.call) {
            None => self.way.call(request),
            Some((_, Reply::Instead(status, body))) => {
                let status = StatusCode::try_from(*status).expect("it is a status");
                let body = SdkBody::from(body.clone());
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body)))
            }
            Some((_, Reply::Edited(_))) => {
                let (answer, wire) = (self.way.call(request), self.wire.clone());
                HttpConnectorFuture::new(async move {
                    let mut response = answer.await?;
                    let mut body = response.body().bytes().unwrap_or_default().to_vec();
                    for (call, reply) in &wire.lock().replies {
                        if let (true, Reply::Edited(edit)) = (*call == sent.call, reply) {
                            body = edit(&sent, body);
                        }
                    }
                    *response.body_mut() = SdkBody::from(body);
                    Ok(response)
                })
            }
        }
    }
}
